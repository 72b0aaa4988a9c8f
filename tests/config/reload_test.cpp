#include "config/reload.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "config/secrets.h"
#include "scratch_folder.h"

namespace hintd::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(ReloadTest, TakesWhatChangesLiveAndNamesTheRest) {
  Settings present;
  Settings wanted;
  wanted.log_level = LogLevel::kDebug;
  wanted.telemetry.backup.keep_daily = 3;
  wanted.proxy.max_connections = 7;
  const auto result = reload(present, wanted);
  EXPECT_THAT(result.applied, ElementsAre("log.level", "telemetry.backup.keep_daily"));
  EXPECT_THAT(result.need_restart, ElementsAre("proxy.max_connections"));
  EXPECT_EQ(result.in_force.log_level, LogLevel::kDebug);
  EXPECT_EQ(result.in_force.telemetry.backup.keep_daily, 3);
  EXPECT_EQ(result.in_force.proxy.max_connections, present.proxy.max_connections);
}

TEST(SecretsTest, PasswordsAreMaskedWhereverTheyStand) {
  EXPECT_EQ(without_passwords("host=db password=hunter2 user=u"), "host=db password=*** user=u");
  EXPECT_EQ(without_passwords("password = 'two \\' words' user=u"), "password = *** user=u");
  EXPECT_EQ(without_passwords("sslpassword=x"), "sslpassword=***");
  EXPECT_EQ(without_passwords("postgresql://u:p:w@db/shop"), "postgresql://u:***@db/shop");
  EXPECT_EQ(without_passwords("postgresql://db/shop?user=u&password=pw&port=1"),
            "postgresql://db/shop?user=u&password=***&port=1");
  EXPECT_EQ(without_passwords("host=db user=password"), "host=db user=password");
}

TEST(SecretsTest, ShownSettingsHoldNone) {
  Settings settings;
  settings.serve.dsn = "host=db password=hunter2";
  EXPECT_THAT(to_yaml(settings), Not(HasSubstr("hunter2")));
  EXPECT_THAT(to_json(settings), Not(HasSubstr("hunter2")));
}

TEST(SecretsTest, AVariableMayNameAFileThatHoldsTheValue) {
  const test::ScratchFolder scratch;
  const auto file = scratch.path() / "dsn";
  std::ofstream(file) << "host=db password=hunter2\n";
  const auto settings = settings_from({{"HINTD_SERVE_DSN_FILE", file}});
  ASSERT_TRUE(settings.has_value()) << settings.error().text();
  EXPECT_EQ(settings->serve.dsn, "host=db password=hunter2");
  const auto absent = settings_from({{"HINTD_SERVE_DSN_FILE", "/nowhere"}});
  ASSERT_FALSE(absent.has_value());
  EXPECT_THAT(absent.error().message, HasSubstr("HINTD_SERVE_DSN_FILE is '/nowhere'"));
}

}  // namespace
}  // namespace hintd::config
