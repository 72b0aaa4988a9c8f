// Values as bytes and back: numbers as they lie in memory, lists and texts behind their length.
// Writer and reader have the same members, so that one function that walks the fields serves both.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hintd {

static_assert(std::endian::native == std::endian::little, "files are little-endian");

template <class Value>
concept Number = std::is_arithmetic_v<Value>;

class ByteWriter {
 public:
  template <Number... Values>
  void number(const Values&... values) {
    (bytes_.append(reinterpret_cast<const char*>(&values), sizeof values), ...);
  }
  void text(std::string_view text) {
    number(std::uint64_t{text.size()});
    bytes_ += text;
  }
  // Of numbers that lie side by side.
  template <class List>
  void numbers(const List& list) {
    using Value = typename List::value_type;
    static_assert(Number<Value> && !std::same_as<Value, bool>);
    number(std::uint64_t{list.size()});
    bytes_.append(reinterpret_cast<const char*>(list.data()), list.size() * sizeof(Value));
  }
  template <class List, class Visit>
  void list(const List& list, Visit visit) {
    number(std::uint64_t{list.size()});
    for (const auto& item : list) visit(item);
  }
  template <class Map, class Visit>
  void map(const Map& map, Visit visit) {
    list(map, [&](const auto& entry) {
      number(entry.first);
      visit(entry.second);
    });
  }
  template <class Optional, class Visit>
  void optional(const Optional& value, Visit visit) {
    number(value.has_value());
    if (value) visit(*value);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Whatever the bytes are, it reads within them: past the end, or past refuse(), nothing more is
// read, lists stay empty, and whole() answers false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <Number... Values>
  void number(Values&... values) {
    (one(values), ...);
  }
  void text(std::string& text) { text = part(size(1)); }
  template <class List>
  void numbers(List& list) {
    using Value = typename List::value_type;
    static_assert(Number<Value> && !std::same_as<Value, bool>);
    list.resize(size(sizeof(Value)));
    const auto raw = part(list.size() * sizeof(Value));
    if (!raw.empty()) std::memcpy(list.data(), raw.data(), raw.size());
  }
  template <class List, class Visit>
  void list(List& list, Visit visit) {
    const auto count = size(1);
    list.clear();
    for (std::size_t i = 0; i < count && fine_; ++i) visit(list.emplace_back());
  }
  template <class Map, class Visit>
  void map(Map& map, Visit visit) {
    const auto count = size(1);
    map.clear();
    for (std::size_t i = 0; i < count && fine_; ++i) {
      typename Map::key_type key{};
      number(key);
      visit(map[key]);
    }
  }
  template <class Optional, class Visit>
  void optional(Optional& value, Visit visit) {
    bool there = false;
    number(there);
    value.reset();
    if (there) visit(value.emplace());
  }
  // For the caller: what was read makes no sense.
  void refuse() { fine_ = false; }
  bool more() const { return fine_ && !bytes_.empty(); }
  // Everything was there, and nothing else.
  bool whole() const { return fine_ && bytes_.empty(); }

 private:
  template <Number Value>
  void one(Value& value) {
    const auto raw = part(sizeof value);
    if (raw.empty()) return;
    if constexpr (std::same_as<Value, bool>)
      value = raw[0] != 0;
    else
      std::memcpy(&value, raw.data(), sizeof value);
  }
  // Of a list whose items take `least` bytes or more each: there are no more than that.
  std::size_t size(std::size_t least) {
    std::uint64_t count = 0;
    number(count);
    fine_ = fine_ && count <= bytes_.size() / least;
    return fine_ ? count : 0;
  }
  std::string_view part(std::size_t size) {
    fine_ = fine_ && size <= bytes_.size();
    if (!fine_) return {};
    const auto found = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return found;
  }

  std::string_view bytes_;
  bool fine_ = true;
};

}  // namespace hintd
