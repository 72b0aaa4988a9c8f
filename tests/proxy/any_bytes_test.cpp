// What scripts/fuzz runs, on inputs drawn at random: a little of it with every test run, and under
// every sanitizer.
#include "../../fuzz/conversation_fuzz.cpp"

#include <gtest/gtest.h>

#include "core/rng.h"

namespace hintd::proxy::test {
namespace {

std::vector<std::uint8_t> any_bytes(Rng& rng) {
  std::vector<std::uint8_t> bytes(2 + rng.below(400));
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
  return bytes;
}

// Messages that make sense alone, so that it gets far into conversations.
std::vector<std::uint8_t> any_messages(Rng& rng) {
  std::vector<std::uint8_t> bytes = {static_cast<std::uint8_t>(rng.below(256)),
                                     static_cast<std::uint8_t>(rng.below(256))};
  for (auto steps = rng.below(100); steps > 0; --steps) {
    bytes.push_back(static_cast<std::uint8_t>(2 + rng.below(4)));
    bytes.push_back(static_cast<std::uint8_t>(rng.below(256)));
  }
  return bytes;
}

TEST(AnyBytesTest, NothingCrashesAndWhatIsNotHintedGoesThroughByteForByte) {
  Rng rng(1);
  for (int i = 0; i < 5'000; ++i)
    for (const auto& bytes : {any_bytes(rng), any_messages(rng)})
      ASSERT_EQ(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), 0);
}

}  // namespace
}  // namespace hintd::proxy::test
