#include "core/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace hintd {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0)
    return fail(ErrorKind::kInvalidInput, std::to_string(n) + " is odd", "give an even number");
  return n / 2;
}

Result<int> quarter(int n) {
  HINTD_TRY(const int first, half(n));
  HINTD_TRY(const int second, half(first));
  return second;
}

Status must_be_even(int n) {
  HINTD_TRY_STATUS(half(n));
  return {};
}

TEST(ErrorTest, SaysWhatAndWhatToDo) {
  EXPECT_EQ((Error{ErrorKind::kNotFound, "policy.json is missing", "run hintd tune"}.text()),
            "policy.json is missing; run hintd tune");
  EXPECT_EQ((Error{ErrorKind::kInternal, "no idea", ""}.text()), "no idea");
}

TEST(ErrorKindTest, HasANameForEach) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::kInternal); ++kind)
    names.insert(to_string(static_cast<ErrorKind>(kind)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorKind::kInternal) + 1);
}

TEST(TryTest, GoesOnWithTheValue) {
  EXPECT_EQ(quarter(12), 3);
  EXPECT_TRUE(must_be_even(4).has_value());
}

TEST(TryTest, ReturnsTheFirstError) {
  EXPECT_EQ(quarter(7).error().message, "7 is odd");
  EXPECT_EQ(quarter(6).error().message, "3 is odd");
  EXPECT_EQ(must_be_even(1).error().kind, ErrorKind::kInvalidInput);
}

TEST(TryTest, MovesWhatCannotBeCopied) {
  const auto owner = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(5); };
  const auto use = [&]() -> Result<int> {
    HINTD_TRY(auto owned, owner());
    return *owned;
  };
  EXPECT_EQ(use(), 5);
}

}  // namespace
}  // namespace hintd
