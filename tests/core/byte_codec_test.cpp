#include "core/byte_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <optional>
#include <vector>

namespace hintd {
namespace {

struct Things {
  bool flag = false;
  double number = 0;
  std::int64_t least = 0;
  std::string text;
  std::vector<std::uint16_t> numbers;
  std::vector<std::string> texts;
  std::map<std::uint64_t, float> by_key;
  std::optional<int> none;
  std::optional<int> some;
  bool operator==(const Things&) const = default;
};

void fields_of(auto& io, auto& things) {
  io.number(things.flag, things.number, things.least);
  io.text(things.text);
  io.numbers(things.numbers);
  io.list(things.texts, [&](auto& text) { io.text(text); });
  io.map(things.by_key, [&](auto& value) { io.number(value); });
  io.optional(things.none, [&](auto& value) { io.number(value); });
  io.optional(things.some, [&](auto& value) { io.number(value); });
}

const Things kThings{true,
                     -0.5,
                     std::numeric_limits<std::int64_t>::min(),
                     std::string("a\0b", 3),
                     {0, 65535, 7},
                     {"", "x"},
                     {{1, 1.5F}, {~0ULL, -2}},
                     std::nullopt,
                     -7};

std::string written(const Things& things) {
  ByteWriter out;
  fields_of(out, things);
  return out.take();
}

TEST(ByteCodec, WhatIsWrittenIsRead) {
  for (const auto& things : {kThings, Things{}}) {
    const auto bytes = written(things);
    ByteReader in(bytes);
    Things read = kThings;  // what was there goes
    fields_of(in, read);
    EXPECT_TRUE(in.whole());
    EXPECT_FALSE(in.more());
    EXPECT_EQ(read, things);
  }
}

TEST(ByteCodec, BytesThatEndEarlyOrLateAreNotWhole) {
  const auto bytes = written(kThings);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in(std::string_view(bytes).substr(0, size));
    Things read;
    fields_of(in, read);
    EXPECT_FALSE(in.whole()) << size;
  }
  const auto longer = bytes + "x";
  ByteReader in(longer);
  Things read;
  fields_of(in, read);
  EXPECT_TRUE(in.more());
  EXPECT_FALSE(in.whole());
}

// A length of 2^64 - 1 must not be believed.
TEST(ByteCodec, AListIsNoLongerThanWhatIsLeft) {
  ByteWriter out;
  out.number(~std::uint64_t{0}, 1, 2);
  const auto bytes = out.take();
  std::vector<double> numbers;
  std::vector<std::string> texts;
  std::map<int, int> map;
  std::string text;
  ByteReader(bytes).numbers(numbers);
  ByteReader(bytes).text(text);
  ByteReader(bytes).list(texts, [](auto&) { FAIL() << "an item that is not there"; });
  ByteReader(bytes).map(map, [](auto&) { FAIL() << "an entry that is not there"; });
  EXPECT_TRUE(numbers.empty() && texts.empty() && map.empty() && text.empty());
}

TEST(ByteCodec, NothingIsReadPastARefusal) {
  const auto bytes = written(kThings);
  ByteReader in(bytes);
  in.refuse();
  Things read;
  fields_of(in, read);
  EXPECT_EQ(read, Things{});
  EXPECT_FALSE(in.whole() || in.more());
}

}  // namespace
}  // namespace hintd
