// Tests of conversations, each with bytes that arrive in fragments of the parameter's size.
#pragma once

#include <gtest/gtest.h>

#include "talk.h"

namespace hintd::proxy::test {

class TalkTest : public testing::TestWithParam<std::size_t> {
 protected:
  Talk plain() const { return Talk(std::nullopt, GetParam()); }
  Talk hinting() const { return Talk(kArm, GetParam()); }
};

}  // namespace hintd::proxy::test
