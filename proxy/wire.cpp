#include "proxy/wire.h"

#include <algorithm>
#include <charconv>

namespace hintd::proxy {
namespace {

void put_u32(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

}  // namespace

std::uint32_t read_u32(const char* bytes) {
  const auto at = [&](int i) {
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i]));
  };
  return at(0) << 24 | at(1) << 16 | at(2) << 8 | at(3);
}

std::uint16_t read_u16(const char* bytes) {
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes[0]) << 8 |
                                    static_cast<std::uint8_t>(bytes[1]));
}

std::string_view read_text(std::string_view bytes, std::size_t& at) {
  const auto end = at < bytes.size() ? bytes.find('\0', at) : bytes.npos;
  if (end == bytes.npos) {
    at = bytes.size();
    return {};
  }
  const auto text = bytes.substr(at, end - at);
  at = end + 1;
  return text;
}

void MessageWriter::begin(char type) {
  start_ = bytes_.size();
  bytes_ += type;
  bytes_.append(4, '\0');
}

void MessageWriter::u16(std::uint16_t value) {
  bytes_ += static_cast<char>(value >> 8);
  bytes_ += static_cast<char>(value);
}

void MessageWriter::u32(std::uint32_t value) {
  bytes_.append(4, '\0');
  put_u32(bytes_, bytes_.size() - 4, value);
}

void MessageWriter::text(std::string_view value) {
  bytes_ += value;
  bytes_ += '\0';
}

void MessageWriter::bytes(std::string_view value) {
  bytes_ += value;
}

void MessageWriter::end() {
  put_u32(bytes_, start_ + 1, static_cast<std::uint32_t>(bytes_.size() - start_ - 1));
}

std::string message_header(char type, std::size_t body_bytes) {
  std::string header(kHeaderBytes, type);
  put_u32(header, 1, static_cast<std::uint32_t>(body_bytes + 4));
  return header;
}

std::vector<std::string_view> bound_values(std::string_view body) {
  std::size_t at = 0;
  read_text(body, at);
  read_text(body, at);
  const auto u16 = [&]() -> std::size_t {
    if (at + 2 > body.size()) return at = body.size(), 0;
    at += 2;
    return read_u16(body.data() + at - 2);
  };
  const auto formats = u16();
  const auto first_format = at;
  at += 2 * formats;
  const auto is_text = [&](std::size_t i) {
    if (formats == 0) return true;
    return read_u16(body.data() + first_format + 2 * (formats == 1 ? 0 : i)) == 0;
  };
  const auto count = at <= body.size() ? u16() : 0;
  std::vector<std::string_view> values;
  for (std::size_t i = 0; i < count && at + 4 <= body.size(); ++i) {
    const auto size = read_u32(body.data() + at);
    at += 4;
    const bool given = size <= body.size() - at;  // -1 stands for NULL
    const bool known = given && (formats <= 1 || i < formats) && is_text(i);
    values.push_back(known ? body.substr(at, size) : std::string_view());
    if (given) at += size;
  }
  return values;
}

std::string error_response(const WireError& error) {
  MessageWriter writer;
  writer.begin('E');
  const auto field = [&](char code, std::string_view value) {
    if (value.empty()) return;
    writer.bytes({&code, 1});
    writer.text(value);
  };
  field('S', error.severity);
  field('V', error.severity);
  field('C', error.sqlstate);
  field('M', error.message);
  field('H', error.hint);
  writer.bytes({"\0", 1});
  writer.end();
  return writer.take();
}

std::string text_table(const std::vector<std::string>& columns,
                       const std::vector<std::vector<std::string>>& rows, std::string_view tag,
                       char transaction_status) {
  constexpr std::uint32_t kTextOid = 25;
  constexpr std::uint16_t kVariableSize = 0xFFFF;
  constexpr std::uint32_t kNoModifier = 0xFFFFFFFF;
  MessageWriter writer;
  writer.begin('T');
  writer.u16(static_cast<std::uint16_t>(columns.size()));
  for (const auto& column : columns) {
    writer.text(column);
    writer.u32(0);  // of no table
    writer.u16(0);
    writer.u32(kTextOid);
    writer.u16(kVariableSize);
    writer.u32(kNoModifier);
    writer.u16(0);  // text format
  }
  writer.end();
  for (const auto& row : rows) {
    writer.begin('D');
    writer.u16(static_cast<std::uint16_t>(row.size()));
    for (const auto& value : row) {
      writer.u32(static_cast<std::uint32_t>(value.size()));
      writer.bytes(value);
    }
    writer.end();
  }
  writer.begin('C');
  writer.text(tag);
  writer.end();
  writer.begin('Z');
  writer.bytes({&transaction_status, 1});
  writer.end();
  return writer.take();
}

std::string_view error_field(std::string_view body, char field) {
  for (std::size_t at = 0; at < body.size() && body[at] != '\0';) {
    const char code = body[at++];
    const auto value = read_text(body, at);
    if (code == field) return value;
  }
  return {};
}

std::string with_lower_position(std::string_view message, std::size_t characters) {
  const auto body = message.substr(kHeaderBytes);
  const auto position = error_field(body, 'P');
  std::size_t number = 0;
  std::from_chars(position.data(), position.data() + position.size(), number);
  if (number <= characters) return std::string(message);
  const auto before = static_cast<std::size_t>(position.data() - body.data());
  MessageWriter writer;
  writer.begin(message[0]);
  writer.bytes(body.substr(0, before));
  writer.bytes(std::to_string(number - characters));
  writer.bytes(body.substr(before + position.size()));
  writer.end();
  return writer.take();
}

std::int64_t rows_of_tag(std::string_view tag) {
  const auto space = tag.rfind(' ');
  std::int64_t rows = 0;
  if (space != tag.npos) std::from_chars(tag.data() + space + 1, tag.data() + tag.size(), rows);
  return rows;
}

}  // namespace hintd::proxy
