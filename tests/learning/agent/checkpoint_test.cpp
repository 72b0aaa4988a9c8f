#include "learning/agent/checkpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "agent_fixture.h"
#include "learning/agent/checkpoint_codec.h"

namespace hintd::learning {
namespace {

class CheckpointTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("hintd_checkpoint_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    path_ = folder_ / "agent.ckpt";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string read() const {
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
  }
  void write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  ErrorKind load_error(const AgentConfig& config = small_config(),
                       const std::vector<std::string>& names = arm_names(kArms)) const {
    const auto agent = DqnAgent::load(path_, config, names);
    EXPECT_FALSE(agent);
    if (agent) return ErrorKind::kInternal;
    EXPECT_NE(agent.error().message.find(path_.string()), std::string::npos);
    EXPECT_FALSE(agent.error().remedy.empty());
    return agent.error().kind;
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

std::vector<ArmId> play_at_random(DqnAgent& agent, Rng& world, int queries) {
  std::vector<ArmId> played;
  for (int i = 0; i < queries; ++i) {
    const auto state = random_state(world);
    const ArmId arm = agent.choose(state, all_arms(kArms)).arm;
    const auto cost = static_cast<float>(0.3 * world.normal() - 0.1 * arm);
    agent.observe({state, arm, cost, i % 7 == 0, world.below(5), random_state(world)});
    agent.train();
    played.push_back(arm);
  }
  return played;
}

std::vector<float> values_of(const DqnAgent& agent) {
  Rng rng(99);
  std::vector<float> q(static_cast<std::size_t>(small_config().heads) * kArms);
  agent.snapshot()->evaluate(random_state(rng), q);
  return q;
}

TEST_F(CheckpointTest, ALoadedAgentHasTheSameQValues) {
  auto agent = make_agent(small_config(), kArms, 1);
  Rng world(2);
  play_at_random(agent, world, 40);
  ASSERT_TRUE(agent.save(path_));
  const auto loaded = DqnAgent::load(path_, small_config(), arm_names(kArms)).value();
  EXPECT_EQ(values_of(loaded), values_of(agent));
}

TEST_F(CheckpointTest, ALoadedAgentGoesOnExactlyAsTheSavedOne) {
  for (const double discount : {0.0, 0.5}) {
    auto config = small_config();
    config.discount = discount;
    config.target_update_steps = 30;
    config.replay_capacity = 60;
    auto agent = make_agent(config, kArms, 1);
    Rng world(2);
    play_at_random(agent, world, 80);
    ASSERT_TRUE(agent.save(path_));
    auto loaded = DqnAgent::load(path_, config, arm_names(kArms)).value();
    Rng same_world = world;
    EXPECT_EQ(play_at_random(loaded, same_world, 80), play_at_random(agent, world, 80));
    EXPECT_EQ(values_of(loaded), values_of(agent));
    EXPECT_EQ(loaded.epsilon(), agent.epsilon());
    EXPECT_EQ(loaded.train().step, agent.train().step);
  }
}

TEST_F(CheckpointTest, ArmsAreMatchedByNameWhereTheirOrderChanged) {
  auto agent = make_agent(small_config(), kArms, 1);
  Rng world(2);
  play_at_random(agent, world, 40);
  ASSERT_TRUE(agent.save(path_));
  const std::vector<std::string> reordered = {"default", "arm_3", "arm_1", "arm_2"};
  auto loaded = DqnAgent::load(path_, small_config(), reordered).value();
  const auto state = random_state(world);
  const auto expect_same = [&] {
    const auto q = agent.snapshot()->evaluate(state);
    const auto moved = loaded.snapshot()->evaluate(state);
    EXPECT_NEAR(moved.mean(1), q.mean(3), 1e-4);
    EXPECT_NEAR(moved.mean(2), q.mean(1), 1e-4);
    EXPECT_NEAR(moved.mean(3), q.mean(2), 1e-4);
  };
  expect_same();
  // The replay buffer's arms and Adam's moments moved along.
  for (int i = 0; i < 20; ++i) {
    agent.train();
    loaded.train();
  }
  expect_same();
}

TEST_F(CheckpointTest, OtherArmsAreAConflictThatNamesThem) {
  ASSERT_TRUE(make_agent(small_config(), kArms, 1).save(path_));
  EXPECT_EQ(load_error(small_config(), arm_names(kArms + 1)), ErrorKind::kConflict);
  EXPECT_EQ(load_error(small_config(), arm_names(kArms - 1)), ErrorKind::kConflict);
  const auto agent =
      DqnAgent::load(path_, small_config(), {"default", "arm_1", "arm_2", "no_nestloop"});
  ASSERT_FALSE(agent);
  EXPECT_NE(agent.error().message.find("(only there: arm_3; only here: no_nestloop)"),
            std::string::npos)
      << agent.error().message;
}

TEST_F(CheckpointTest, AnotherDefaultIsAConflict) {
  ASSERT_TRUE(make_agent(small_config(), kArms, 1).save(path_));
  EXPECT_EQ(load_error(small_config(), {"arm_1", "default", "arm_2", "arm_3"}),
            ErrorKind::kConflict);
}

TEST_F(CheckpointTest, AnotherShapeOfNetworkIsAConflict) {
  ASSERT_TRUE(make_agent(small_config(), kArms, 1).save(path_));
  auto deeper = small_config();
  deeper.hidden_sizes = {32, 32};
  EXPECT_EQ(load_error(deeper), ErrorKind::kConflict);
  auto broader = small_config();
  broader.heads = 6;
  EXPECT_EQ(load_error(broader), ErrorKind::kConflict);
}

TEST_F(CheckpointTest, OtherFeaturesOrAnotherFormatAreAConflict) {
  ASSERT_TRUE(make_agent(small_config(), kArms, 1).save(path_));
  const auto good = read();
  for (const std::size_t field : {8, 12}) {
    auto changed = good;
    ++changed[field];
    write(changed);
    EXPECT_EQ(load_error(), ErrorKind::kConflict) << "byte " << field;
  }
}

TEST_F(CheckpointTest, ACutOffFileIsRefusedWhereverItWasCut) {
  auto agent = make_agent(small_config(), kArms, 1);
  Rng world(2);
  play_at_random(agent, world, 3);
  ASSERT_TRUE(agent.save(path_));
  const auto good = read();
  for (std::size_t size = 0; size < good.size(); size += 97) {
    EXPECT_EQ(decode(good.substr(0, size), "cut").error().kind, ErrorKind::kCorrupt) << size;
  }
  write(good + "x");
  EXPECT_EQ(load_error(), ErrorKind::kCorrupt);
}

TEST_F(CheckpointTest, AFlippedBitIsRefused) {
  ASSERT_TRUE(make_agent(small_config(), kArms, 1).save(path_));
  const auto good = read();
  for (std::size_t i = 32; i < good.size(); i += 211) {
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_EQ(decode(bad, "flipped").error().kind, ErrorKind::kCorrupt) << i;
  }
}

TEST_F(CheckpointTest, AForeignFileIsRefused) {
  write("PGDMP something that is not ours, and longer than a header would be");
  EXPECT_EQ(load_error(), ErrorKind::kCorrupt);
}

TEST_F(CheckpointTest, AValidChecksumOverNonsenseIsRefused) {
  Checkpoint nonsense;
  nonsense.arm_names = arm_names(2);
  nonsense.heads = 5;
  nonsense.hidden_sizes = {32};
  EXPECT_EQ(decode(encode(nonsense), "nonsense").error().kind, ErrorKind::kCorrupt);
}

TEST_F(CheckpointTest, AMissingFileIsNotFound) {
  EXPECT_EQ(load_error(), ErrorKind::kNotFound);
}

TEST_F(CheckpointTest, AFolderIsNoCheckpoint) {
  std::filesystem::create_directories(path_);
  EXPECT_EQ(load_error(), ErrorKind::kNotFound);
}

TEST_F(CheckpointTest, SavingReplacesTheOldOneAndLeavesNothingElse) {
  ASSERT_TRUE(make_agent(small_config(), kArms, 1).save(path_));
  const auto old = read();
  ASSERT_TRUE(make_agent(small_config(), kArms, 2).save(path_));
  EXPECT_NE(read(), old);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(CheckpointTest, AFailedSaveSaysWhereAndLeavesTheOldOne) {
  const auto agent = make_agent(small_config(), kArms, 1);
  ASSERT_TRUE(agent.save(path_));
  const auto old = read();
  // A folder in the way of the file that is written first.
  std::filesystem::create_directories(folder_ / "agent.ckpt.partial");
  const auto saved = agent.save(path_);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(saved.error().message.find(path_.string()), std::string::npos);
  EXPECT_EQ(read(), old);
}

}  // namespace
}  // namespace hintd::learning
