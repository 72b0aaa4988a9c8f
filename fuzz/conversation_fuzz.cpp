// Any bytes from both sides, in fragments of any size: nothing crashes, nothing is read out of
// bounds, and what is not hinted goes through byte for byte. The first byte is the size of the
// fragments, the second whether hints are forced; then come parts, each with a byte that says who
// speaks and two that say how long.
// usage: conversation_fuzz -max_total_time=60 [FOLDER of inputs]
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "../tests/proxy/talk.h"
#include "proxy/greeting.h"

using namespace hintd::proxy;
using namespace hintd::proxy::test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)read_greeting(bytes);
  (void)bound_values(bytes);
  (void)error_field(bytes, 'C');
  const std::size_t fragment = 1 + static_cast<std::uint8_t>(bytes[0]);
  const bool hints = (bytes[1] & 1) != 0;
  Talk talk(hints ? std::optional<hintd::ArmId>(1) : std::nullopt, fragment);
  talk.console.silent = true;
  if (!hints) talk.optimizer.set_mode(hintd::Mode::kObserve);
  std::string from_client;
  for (bytes.remove_prefix(2); bytes.size() > 3;) {
    const auto length = static_cast<std::size_t>(read_u16(bytes.data() + 1));
    const bool client = (bytes[0] & 1) != 0;
    const auto part = std::string(bytes.substr(3, length));
    bytes.remove_prefix(3 + part.size());
    if (!client) {
      talk.server(part);
      continue;
    }
    talk.client(part);
    from_client += part;
  }
  // What has not been sent on yet is a part of a message.
  if (!hints && !from_client.starts_with(talk.sent())) std::abort();
  return 0;
}
