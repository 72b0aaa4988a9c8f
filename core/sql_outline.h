// A statement without its literals, by one pass over the text, about a nanosecond a character: what
// tells templates apart where a parse (50 to 500 us) would cost more than a fast statement takes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace hintd {

// Texts of one outline differ in literals, comments and spacing alone, so a parser gives them one
// template. The reverse does not hold: a template may have several outlines (IN lists of different
// length, true for false, upper case for lower).
struct SqlOutline {
  std::uint64_t hash = 0;
  // Numbers and strings of any quoting, as they stand in the text and in its order. Keywords (true,
  // null), signs and parameters ($1) belong to the outline.
  std::vector<std::string_view> literals;  // point into the text
  // $1, $2, ... in the text's order, each with the number of literals that stand before it.
  struct Parameter {
    std::uint32_t number = 0;
    std::uint32_t literals_before = 0;
  };
  std::vector<Parameter> parameters;
};

// Never fails: what is not SQL has an outline too. Strings are read with
// standard_conforming_strings on.
SqlOutline outline_of(std::string_view sql);

}  // namespace hintd
