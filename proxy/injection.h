// How an arm is put before a statement, as bytes made once.
//
// Simple protocol: "SET LOCAL a = 'x'; SET LOCAL b = 'y'; " goes before the text in the same
// message, which the server runs as one transaction: the settings end with it, also on error.
//
// Extended protocol: a statement of our own, prepared once a session under a name of its own, sets
// them through pg_catalog.set_config(.., true) before the client's messages, in the same implicit
// transaction, which ends at the client's Sync. force_custom_plan makes the server plan under them
// and keep no plan. The unnamed statement and portal are never touched: they are the client's.
#pragma once

#include <string>
#include <vector>

#include "core/hint_set.h"

namespace hintd::proxy {

struct ArmBytes {
  std::string name;    // of the hint set
  std::string prefix;  // simple protocol
  int settings = 0;    // CommandCompletes that the prefix adds
  std::string parse;   // extended protocol: a Parse, once a session
  std::string set;     // Bind and Execute of it
};

// Immutable and thread-safe.
class Injections {
 public:
  explicit Injections(const HintCatalogue& catalogue);
  const ArmBytes& operator[](ArmId arm) const { return arms_[arm]; }
  const std::string& name(ArmId arm) const { return arms_[arm].name; }

 private:
  std::vector<ArmBytes> arms_;
};

}  // namespace hintd::proxy
