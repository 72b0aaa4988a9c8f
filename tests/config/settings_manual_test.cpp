#include "config/settings_manual.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace hintd::config {
namespace {

TEST(SettingsManualTest, TheOperationsPageHoldsTheTableOfSettings) {
  std::ifstream page(HINTD_SOURCE_DIR "/docs/operations.md");
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  EXPECT_NE(text.find(settings_markdown()), text.npos)
      << "put what hintd config manual --markdown prints into docs/operations.md";
}

TEST(SettingsManualTest, TheManualPageSaysWhenASettingTakesEffect) {
  const auto manual = settings_manual();
  EXPECT_THAT(manual, testing::HasSubstr(".BR log.level \" (default info)\"\n"));
  EXPECT_THAT(manual, testing::HasSubstr("debug, info, warning, error; at a reload.\n"));
  EXPECT_THAT(manual, testing::HasSubstr(".BR proxy.io_threads \" (default 0)\"\n"));
}

}  // namespace
}  // namespace hintd::config
