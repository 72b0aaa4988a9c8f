#include <cstdio>

#include "app/commands.h"

namespace hintd::app {

int config_check(const CommonOptions& common) {
  const auto settings = settings_for(common);
  if (!settings) return fail_with(settings.error());
  const auto catalogue = catalogue_for(common, *settings);
  if (!catalogue) return fail_with(catalogue.error());
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

}  // namespace hintd::app
