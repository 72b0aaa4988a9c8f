#include "proxy/batch.h"

#include "proxy/frame_scanner.h"

namespace hintd::proxy {
namespace {

Batch::Parse read_parse(const Frame& frame) {
  std::size_t at = 0;
  Batch::Parse parse;
  parse.message = frame.bytes;
  parse.name = read_text(frame.body(), at);
  parse.text = read_text(frame.body(), at);
  return parse;
}

Batch::Bind read_bind(const Frame& frame) {
  std::size_t at = 0;
  Batch::Bind bind;
  bind.body = frame.body();
  bind.portal = read_text(frame.body(), at);
  bind.statement = read_text(frame.body(), at);
  return bind;
}

// Whether the message has its place in a batch of one statement; notes it.
bool fits(const Frame& frame, Batch& batch, bool& executed) {
  switch (frame.type) {
    case 'P':
      if (batch.parse || batch.bind) return false;
      batch.parse = read_parse(frame);
      return true;
    case 'B':
      if (batch.bind) return false;
      batch.bind = read_bind(frame);
      return true;
    case 'E': {
      std::size_t at = 0;
      if (executed || !batch.bind || read_text(frame.body(), at) != batch.bind->portal)
        return false;
      return executed = true;
    }
    case 'D':
    case 'C':
      return true;
    case 'S':
      return executed;
    default:
      return false;
  }
}

}  // namespace

Batch read_batch(std::string_view bytes, std::size_t max_whole) {
  Batch batch;
  FrameScanner frames;
  bool executed = false;
  for (std::size_t at = 0;;) {
    const auto frame = frames.next(
        bytes.substr(at), [](char) { return true; }, max_whole);
    if (frame.kind == Frame::Kind::kMore) {
      batch.shape = bytes.size() <= max_whole ? Batch::Shape::kUnfinished : Batch::Shape::kOther;
      return batch;
    }
    if (frame.kind != Frame::Kind::kWhole || !fits(frame, batch, executed)) return batch;
    at += frame.bytes.size();
    if (frame.type != 'S') continue;
    batch.shape = Batch::Shape::kAlone;
    batch.bytes = bytes.substr(0, at);
    return batch;
  }
}

}  // namespace hintd::proxy
