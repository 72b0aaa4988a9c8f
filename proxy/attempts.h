// How a statement is run: by attempts, one after the other. One that has given the client nothing
// by its limit, or that failed in a way which the next may not, is abandoned for the next; the last
// one stands.
#pragma once

#include <array>
#include <cstdint>

#include "core/decision.h"

namespace hintd::proxy {

struct Attempt {
  ArmId arm = kDefaultArm;
  Millis limit{0};  // until its first row; 0: none

  bool hinted() const { return arm != kDefaultArm; }
};

class Attempts {
 public:
  // An arm: the arm up to its deadline, then the default. A hedged one: before these the default,
  // for as long as is safe on one connection (Decision::switch_after), or to its end. A second
  // connection would let both run at once, but it would have to log in as the client, whose
  // password nobody keeps.
  static Attempts of(const Decision& decision);

  const Attempt& now() const { return attempts_[at_]; }
  const Attempt& next() const { return attempts_[at_ + 1]; }
  bool first() const { return at_ == 0; }
  bool last() const { return at_ + 1 == size_; }
  void advance() { ++at_; }

 private:
  std::array<Attempt, 3> attempts_{};
  std::uint8_t size_ = 0;
  std::uint8_t at_ = 0;
};

}  // namespace hintd::proxy
