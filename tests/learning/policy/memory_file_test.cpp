#include "learning/policy/memory_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace hintd::learning {
namespace {

HintCatalogue catalogue_of(std::vector<std::string> names) {
  std::vector<HintSet> sets;
  for (const auto& name : names)
    sets.push_back(
        {name, "",
         sets.empty() ? std::vector<Setting>{} : std::vector<Setting>{{"enable_" + name, "off"}}});
  return *HintCatalogue::create(sets);
}

class MemoryFileTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() / (std::string("hintd-memory-") + info->name());
    auto& statement = memory_.statement(42, {1, 0xffffffffffffffffULL});
    statement.seen = 3;
    statement.default_shape = 99;
    statement.features[5] = 0.25F;
    statement.group_of_arm = {0, 1, 0};
    statement.groups.resize(2);
    statement.groups[0].finished_ms = {10.5};
    statement.groups[1].finished_ms = {4.25};
    statement.groups[1].paired_ratios = {0.4};
    statement.groups[1].longer_than_ms = 3;
    statement.groups[1].slow_downs = {1.1, 1.25};
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::string text() const {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path path_;
  PlanMemory memory_;
  HintCatalogue catalogue_ = catalogue_of({"default", "nestloop", "hashjoin"});
};

TEST_F(MemoryFileTest, WhatIsSavedComesBack) {
  ASSERT_TRUE(save_memory(path_, memory_, 7, catalogue_));
  const auto loaded = load_memory(path_, catalogue_);
  ASSERT_TRUE(loaded) << loaded.error().text();
  EXPECT_EQ(loaded->policy_version, 7U);
  const auto& statement = loaded->memory.templates().at(42).begin()->second;
  EXPECT_EQ(statement.literals, (std::vector<std::uint64_t>{1, 0xffffffffffffffffULL}));
  EXPECT_EQ(statement.group_of_arm, (std::vector<std::uint16_t>{0, 1, 0}));
  EXPECT_FLOAT_EQ(statement.features[5], 0.25F);
  EXPECT_DOUBLE_EQ(*statement.ratio(1), 0.4);
  EXPECT_DOUBLE_EQ(statement.groups[1].longer_than_ms, 3);
  EXPECT_EQ(statement.groups[1].slow_downs, (std::vector<double>{1.1, 1.25}));
}

TEST_F(MemoryFileTest, AChangedCatalogueKeepsTheArmsItStillHas) {
  ASSERT_TRUE(save_memory(path_, memory_, 7, catalogue_));
  const auto loaded = load_memory(path_, catalogue_of({"default", "sort", "nestloop"}));
  ASSERT_TRUE(loaded);
  const auto& statement = loaded->memory.templates().at(42).begin()->second;
  EXPECT_FALSE(statement.ratio(1)) << "a new arm was never run";
  EXPECT_DOUBLE_EQ(*statement.ratio(2), 0.4);
}

TEST_F(MemoryFileTest, AFileOfAnotherVersionIsRefused) {
  ASSERT_TRUE(save_memory(path_, memory_, 7, catalogue_));
  const auto saved = text();
  const auto version = saved.find("format ") + 7;
  std::ofstream(path_, std::ios::binary)
      << saved.substr(0, version) << 99 << saved.substr(saved.find(',', version));
  const auto loaded = load_memory(path_, catalogue_);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().text().find("another version"), std::string::npos);
}

TEST_F(MemoryFileTest, AFileThatIsCutShortIsRefused) {
  ASSERT_TRUE(save_memory(path_, memory_, 7, catalogue_));
  const auto whole = text();
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    std::ofstream(path_, std::ios::trunc) << whole.substr(0, size);
    const auto loaded = load_memory(path_, catalogue_);
    ASSERT_FALSE(loaded) << size;
    EXPECT_EQ(loaded.error().kind, ErrorKind::kCorrupt);
  }
}

TEST_F(MemoryFileTest, AnAlteredFileIsRefused) {
  ASSERT_TRUE(save_memory(path_, memory_, 7, catalogue_));
  const auto whole = text();
  for (auto place = whole.find('\n') + 1; place < whole.size(); place += 7) {
    auto altered = whole;
    altered[place] ^= 1;
    std::ofstream(path_, std::ios::trunc | std::ios::binary) << altered;
    const auto loaded = load_memory(path_, catalogue_);
    ASSERT_FALSE(loaded) << place;
    EXPECT_EQ(loaded.error().kind, ErrorKind::kCorrupt);
    EXPECT_NE(loaded.error().message.find("checksum"), std::string::npos);
  }
}

TEST_F(MemoryFileTest, AForeignFileIsRefused) {
  for (const auto* content : {"", "not json", "{}", "[1,2]", "hintd plan memory",
                              "hintd plan memory, format 3, checksum\n"}) {
    std::ofstream(path_, std::ios::trunc) << content;
    const auto loaded = load_memory(path_, catalogue_);
    ASSERT_FALSE(loaded) << content;
    EXPECT_EQ(loaded.error().kind, ErrorKind::kCorrupt) << content;
  }
}

TEST_F(MemoryFileTest, AMissingFileIsSaidToBeMissing) {
  EXPECT_EQ(load_memory(path_, catalogue_).error().kind, ErrorKind::kNotFound);
}

TEST_F(MemoryFileTest, AFullDiskLeavesTheOldFile) {
  EXPECT_FALSE(save_memory("/dev/full/memory", memory_, 1, catalogue_));
}

}  // namespace
}  // namespace hintd::learning
