// PostgreSQL's wire protocol, version 3: numbers, what begins a connection, and the few messages
// that the proxy writes itself. Source: the chapter "Frontend/Backend Protocol" of its manual.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hintd::proxy {

inline constexpr std::uint32_t kProtocolVersion3 = 3 << 16;
inline constexpr std::uint32_t kCancelRequest = 80877102;
inline constexpr std::uint32_t kSslRequest = 80877103;
inline constexpr std::uint32_t kGssRequest = 80877104;
// As the server limits it (MAX_STARTUP_PACKET_LENGTH).
inline constexpr std::size_t kMaxStartupBytes = 10'000;
// A message's type and length.
inline constexpr std::size_t kHeaderBytes = 5;

std::uint32_t read_u32(const char* bytes);
std::uint16_t read_u16(const char* bytes);

// A C string that begins at `at` and ends within the bytes; npos-safe: empty when it does not end.
// Moves `at` past its terminator, or past the end.
std::string_view read_text(std::string_view bytes, std::size_t& at);

// Writes messages, one after the other.
class MessageWriter {
 public:
  void begin(char type);
  void u16(std::uint16_t value);
  void u32(std::uint32_t value);
  void text(std::string_view value);   // with its terminator
  void bytes(std::string_view value);  // as they are
  void end();                          // fills in the length

  const std::string& written() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
  std::size_t start_ = 0;
};

// Type and length of a message with that much body.
std::string message_header(char type, std::size_t body_bytes);

// The parameters of a Bind's body where they are text; null data for those that are binary or NULL.
std::vector<std::string_view> bound_values(std::string_view bind_body);

// What the proxy itself has to say to a client.
struct WireError {
  std::string_view severity = "FATAL";
  std::string_view sqlstate;
  std::string message;
  std::string hint;
};
std::string error_response(const WireError& error);

// The answer to a SHOW: columns of text, rows, and ReadyForQuery with this transaction status.
std::string text_table(const std::vector<std::string>& columns,
                       const std::vector<std::vector<std::string>>& rows, std::string_view tag,
                       char transaction_status);

// One field of the body of an ErrorResponse or NoticeResponse, e.g. 'C' for the SQLSTATE; empty
// when it is not there.
std::string_view error_field(std::string_view body, char field);

// The whole message with its 'P' field (the position in the statement, in characters) lowered by
// `characters`.
std::string with_lower_position(std::string_view message, std::size_t characters);

// "SELECT 5", "INSERT 0 5" -> 5; 0 without a number.
std::int64_t rows_of_tag(std::string_view tag);

}  // namespace hintd::proxy
