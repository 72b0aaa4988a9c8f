#include <gtest/gtest.h>

#include "database/postgres/server_state.h"

namespace hintd::database {
namespace {

ServerState quiet() {
  return {"monday", "abc", "sunday", 1};
}

std::vector<std::string> names(const ServerState& after) {
  std::vector<std::string> names;
  for (const auto& change : changes(quiet(), after)) names.push_back(change.name);
  return names;
}

TEST(ServerStateTest, NothingHappenedWhereNothingDiffers) {
  EXPECT_TRUE(names(quiet()).empty());
}

TEST(ServerStateTest, EachKindOfChangeIsNamed) {
  auto state = quiet();
  state.started = "tuesday";
  EXPECT_EQ(names(state), std::vector<std::string>{"server_restarted"});
  state = quiet();
  state.schema_hash = "def";
  EXPECT_EQ(names(state), std::vector<std::string>{"schema_changed"});
  state = quiet();
  state.analyzed = "monday";
  EXPECT_EQ(names(state), std::vector<std::string>{"analyzed"});
  state = quiet();
  state.backends = 9;
  EXPECT_EQ(names(state), std::vector<std::string>{"load_changed"});
}

}  // namespace
}  // namespace hintd::database
