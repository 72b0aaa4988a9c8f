#include "proxy/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

namespace hintd::proxy {
namespace {

SSL_CTX* native_of(void* context) {
  return static_cast<SSL_CTX*>(context);
}

std::string openssl_says() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return reason != nullptr ? reason : "the file cannot be read";
}

tl::unexpected<Error> unusable(const std::string& what, const std::string& file) {
  return fail(ErrorKind::kInvalidInput, what + " " + file + ": " + openssl_says(),
              "name a PEM file that hintd may read");
}

// Clients that speak TLS from the first byte must say what they mean to speak under it.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* length,
                    const unsigned char* offered, unsigned int offered_length, void*) {
  static constexpr std::array<unsigned char, 11> kPostgres = {10,  'p', 'o', 's', 't', 'g',
                                                              'r', 'e', 's', 'q', 'l'};
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, length, kPostgres.data(), kPostgres.size(),
                                          offered, offered_length);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_common(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

TlsContext::~TlsContext() {
  SSL_CTX_free(native_of(context_));
}

Result<std::unique_ptr<TlsContext>> TlsContext::for_clients(const std::string& certificate,
                                                            const std::string& key) {
  std::unique_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_server_method())));
  auto* context = native_of(made->context_);
  made->accepts_ = true;
  set_common(context);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    return unusable("proxy.tls_certificate", certificate);
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return unusable("proxy.tls_key", key);
  if (SSL_CTX_check_private_key(context) != 1)
    return unusable("proxy.tls_key does not belong to proxy.tls_certificate:", key);
  return made;
}

Result<std::unique_ptr<TlsContext>> TlsContext::for_server(ServerTls mode,
                                                           const std::string& root) {
  std::unique_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_client_method())));
  auto* context = native_of(made->context_);
  set_common(context);
  made->verifies_host_ = mode == ServerTls::kVerifyFull;
  if (mode != ServerTls::kVerifyCa && mode != ServerTls::kVerifyFull) return made;
  ERR_clear_error();
  if (root.empty() || SSL_CTX_load_verify_locations(context, root.c_str(), nullptr) != 1)
    return unusable("sslrootcert of the DSN", root.empty() ? "(not given)" : root);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return made;
}

}  // namespace hintd::proxy
