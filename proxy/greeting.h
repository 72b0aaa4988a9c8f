// The first bytes of a connection: what the client wants.
#pragma once

#include <string>
#include <string_view>

#include "proxy/session_state.h"

namespace hintd::proxy {

struct Greeting {
  enum class Kind {
    kMore,       // too few bytes yet
    kSsl,        // asks for TLS
    kGss,        // asks for GSSAPI encryption
    kCancel,     // wants a statement of another session cancelled
    kStartup,    // begins a session
    kMalformed,  // no packet that PostgreSQL would take
  };
  Kind kind = Kind::kMore;
  std::string_view packet;
  ClientFacts facts;  // of kStartup
};

// Reads the packet at the front. Nothing beyond kMaxStartupBytes is waited for.
Greeting read_greeting(std::string_view bytes);

}  // namespace hintd::proxy
