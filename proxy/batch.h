// The messages of the extended protocol from one Sync to the next, where they run one statement:
// what may be hinted.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hintd::proxy {

// Views into the bytes it was read from.
struct Batch {
  enum class Shape : std::uint8_t {
    kAlone,       // at most one Parse, one Bind, one Execute of it, and the Sync
    kUnfinished,  // may become so
    kOther,
  };
  struct Parse {
    std::string_view message;
    std::string_view name;
    std::string_view text;
  };
  struct Bind {
    std::string_view body;
    std::string_view portal;
    std::string_view statement;
  };
  Shape shape = Shape::kOther;
  std::string_view bytes;  // of kAlone: the Sync included
  std::optional<Parse> parse;
  std::optional<Bind> bind;

  bool binds_own_parse() const { return parse && bind && parse->name == bind->statement; }
};

// Reads what stands at the front, which begins a message. Messages of more than `max_whole` bytes
// make it kOther.
Batch read_batch(std::string_view bytes, std::size_t max_whole);

}  // namespace hintd::proxy
