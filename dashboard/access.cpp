#include "dashboard/access.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/check.h"
#include "core/durable_file.h"

namespace hintd::dashboard {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kLeastToken = 16;  // characters

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Result<std::string> new_token(const std::filesystem::path& file) {
  std::array<unsigned char, kTokenBytes> bytes;
  HINTD_CHECK(RAND_bytes(bytes.data(), kTokenBytes) == 1, "no random bytes");
  const auto token = hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const auto line = token + "\n";
  const bool fine = descriptor >= 0 && write(descriptor, line.data(), line.size()) ==
                                           static_cast<ssize_t>(line.size());
  if (descriptor >= 0) close(descriptor);
  if (!fine)
    return fail(ErrorKind::kUnavailable, "cannot write the token file " + file.string(),
                "choose another place with --token-file");
  return token;
}

bool is_read_by_others(const std::filesystem::path& file) {
  struct stat found {};
  return stat(file.c_str(), &found) == 0 && (found.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

// "localhost:8080", "[::1]:8080", "localhost" -> the name alone.
std::string_view name_of(std::string_view host_and_port) {
  if (host_and_port.starts_with('[')) return host_and_port.substr(0, host_and_port.find(']') + 1);
  return host_and_port.substr(0, host_and_port.rfind(':'));
}

std::string_view authority_of(std::string_view origin) {
  const auto slashes = origin.find("://");
  return slashes == std::string_view::npos ? std::string_view() : origin.substr(slashes + 3);
}

bool changes(const HttpRequest& request) {
  return request.method != "GET" && request.method != "OPTIONS";
}

}  // namespace

Result<std::string> token_in(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return new_token(file);
  if (is_read_by_others(file))
    return fail(ErrorKind::kInvalidInput, "others may read the token file " + file.string(),
                "chmod 600 it, or remove it for a new one");
  HINTD_TRY(auto token, read_file(file));
  while (!token.empty() && token.back() <= ' ') token.pop_back();
  const bool plain = std::ranges::all_of(token, [](char c) { return c > ' ' && c < 127; });
  if (token.size() < kLeastToken || !plain)
    return fail(ErrorKind::kInvalidInput, file.string() + " holds no token",
                "write 16 or more plain characters into it, or remove it for a new one");
  return token;
}

std::string signature(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return hex({reinterpret_cast<const char*>(digest.data()), size});
}

bool Access::knows(std::string_view host_and_port) const {
  return std::ranges::find(rules_.hosts, name_of(host_and_port)) != rules_.hosts.end();
}

bool Access::has_token(const HttpRequest& request) const {
  const auto wanted = "Bearer " + rules_.token;
  const auto& given = request.header("authorization");
  return given.size() == wanted.size() &&
         CRYPTO_memcmp(given.data(), wanted.data(), wanted.size()) == 0;
}

std::optional<HttpResponse> Access::check(const HttpRequest& request, bool data) const {
  if (!knows(request.header("host")))
    return problem(421, "Misdirected Request",
                   "this host name is not known here; add it to dashboard.hosts");
  const auto& origin = request.header("origin");
  if (!origin.empty() && authority_of(origin) != request.header("host"))
    return problem(403, "Forbidden", "another site's script may not ask this");
  const bool needs_token = changes(request) || (data && rules_.reading_needs_token);
  if (!needs_token || has_token(request)) return std::nullopt;
  auto refusal =
      problem(401, "Unauthorized", "send Authorization: Bearer with the token of the token file");
  refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
  return refusal;
}

}  // namespace hintd::dashboard
