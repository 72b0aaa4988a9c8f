#include <cstdio>

#include "app/commands.h"
#include "config/settings_manual.h"

namespace hintd::app {
namespace {

// Says what is wrong; whether nothing is.
template <class T>
bool fine(const Result<T>& result) {
  if (!result) (void)fail_with(result.error());
  return result.has_value();
}

}  // namespace

int config_check(const CommonOptions& common) {
  const auto settings = settings_for(common);
  const auto catalogue = catalogue_for(common, settings.value_or(config::Settings{}));
  bool good = fine(settings);
  good &= fine(catalogue);
  good &= fine(governance_for(common));
  good &= fine(policy_spec_for(common));
  if (!good) return kExitUsage;
  std::printf("the configuration is good: %zu hint sets in profile %s\n", catalogue->size(),
              settings->hints_profile.c_str());
  return kExitDone;
}

int config_show(const CommonOptions& common) {
  const auto settings = settings_for(common);
  if (!settings) return fail_with(settings.error());
  std::fputs((common.json ? config::to_json(*settings) + "\n" : config::to_yaml(*settings)).c_str(),
             stdout);
  return kExitDone;
}

int config_manual(bool markdown) {
  std::fputs((markdown ? config::settings_markdown() : config::settings_manual()).c_str(), stdout);
  return kExitDone;
}

}  // namespace hintd::app
