// A setting's value whatever its C++ type is, so that one table can read, check and print them all.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace hintd::config {

using WholeNumbers = std::vector<std::int64_t>;
// Enumerators are their number; durations the count of their own unit.
using Value = std::variant<bool, std::int64_t, double, std::string, WholeNumbers>;

template <class T>
concept Enumerator = std::is_enum_v<T>;

inline Value to_value(bool member) {
  return member;
}
inline Value to_value(double member) {
  return member;
}
inline Value to_value(const std::string& member) {
  return member;
}
inline Value to_value(const std::filesystem::path& member) {
  return member.string();
}
inline Value to_value(const std::vector<int>& member) {
  return WholeNumbers(member.begin(), member.end());
}
template <class T>
requires std::integral<T> || Enumerator<T> Value to_value(T member) {
  return static_cast<std::int64_t>(member);
}
template <class Rep, class Period>
Value to_value(std::chrono::duration<Rep, Period> member) {
  return to_value(member.count());
}

// `value` holds what to_value gives for this type.
template <class T>
void assign(T& member, const Value& value) {
  if constexpr (std::same_as<T, bool> || std::same_as<T, double>)
    member = std::get<T>(value);
  else if constexpr (std::integral<T> || Enumerator<T>)
    member = static_cast<T>(std::get<std::int64_t>(value));
  else
    member = std::get<std::string>(value);
}
inline void assign(std::vector<int>& member, const Value& value) {
  const auto& numbers = std::get<WholeNumbers>(value);
  member.assign(numbers.begin(), numbers.end());
}
template <class Rep, class Period>
void assign(std::chrono::duration<Rep, Period>& member, const Value& value) {
  Rep count{};
  assign(count, value);
  member = std::chrono::duration<Rep, Period>(count);
}

}  // namespace hintd::config
