// Cuts one direction's bytes into messages, a buffer at a time, without copying: only headers are
// looked at, and a message longer than what is at hand goes through in parts. Whatever the bytes
// are, nothing is ever read beyond them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/wire.h"

namespace hintd::proxy {

struct Frame {
  enum class Kind : std::uint8_t {
    kWhole,      // one message
    kHead,       // the front of a message: its header and what is here of its body
    kRest,       // more of the body of the message before
    kMore,       // the front of `input` says too little yet; `bytes` is empty
    kMalformed,  // a length that no message has; `bytes` is the rest of the input
  };
  Kind kind = Kind::kMore;
  char type = 0;           // of kWhole and kHead; for kRest that of its kHead
  std::string_view bytes;  // header included

  std::string_view body() const { return bytes.substr(kHeaderBytes); }
};

class FrameScanner {
 public:
  // What stands at the front of the input. A message for whose type `wants_whole` answers true is
  // waited for if it is no longer than `max_whole` bytes. The caller drops frame.bytes from the
  // input and asks again.
  template <class WantsWhole>
  Frame next(std::string_view input, const WantsWhole& wants_whole, std::size_t max_whole);

  // Whether the next byte begins a message.
  bool between_messages() const { return rest_ == 0; }

 private:
  // PostgreSQL takes no longer message (MaxAllocSize).
  static constexpr std::uint32_t kMaxLength = 0x3FFFFFFF;

  std::size_t rest_ = 0;  // bytes of the current message still to come
  char type_ = 0;
};

template <class WantsWhole>
Frame FrameScanner::next(std::string_view input, const WantsWhole& wants_whole,
                         std::size_t max_whole) {
  if (rest_ > 0) {
    const auto part = input.substr(0, rest_);
    rest_ -= part.size();
    return {part.empty() ? Frame::Kind::kMore : Frame::Kind::kRest, type_, part};
  }
  if (input.size() < kHeaderBytes) return {};
  const auto length = read_u32(input.data() + 1);
  if (length < 4 || length > kMaxLength) return {Frame::Kind::kMalformed, input[0], input};
  const std::size_t total = std::size_t{length} + 1;
  type_ = input[0];
  if (input.size() >= total) return {Frame::Kind::kWhole, type_, input.substr(0, total)};
  if (total <= max_whole && wants_whole(type_)) return {};
  rest_ = total - input.size();
  return {Frame::Kind::kHead, type_, input};
}

}  // namespace hintd::proxy
