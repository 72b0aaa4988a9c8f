#include "safety/governance.h"

#include <gtest/gtest.h>

namespace hintd::safety {
namespace {

PolicySpec spec() {
  PolicySpec spec;
  spec.id = "shop";
  spec.version = 4;
  spec.hint_sets.deny = {"no_hashjoin"};
  spec.tables.deny = {"payments"};
  spec.roles.allow = {"web"};
  spec.modes.deny = {"steer"};
  spec.hour_from = 22;
  spec.hour_to = 6;
  spec.max_risk = 0.1;
  return spec;
}

TEST(GovernanceTest, WhatNothingStandsAgainstIsAllowed) {
  EXPECT_TRUE(check(spec(), {"no_nestloop", "", "SELECT * FROM orders", "web", "advise", 23, 0.05})
                  .allowed);
}

Proposal with(auto set) {
  Proposal proposal;
  set(proposal);
  return proposal;
}

TEST(GovernanceTest, EachRuleRefusesAndNamesItself) {
  const struct {
    Proposal proposal;
    const char* rule;
  } cases[] = {
      {with([](auto& p) { p.hint_set = "no_hashjoin"; }), "hint_sets.deny"},
      {with([](auto& p) { p.normalized = "SELECT * FROM public.Payments p"; }), "tables.deny"},
      {with([](auto& p) { p.role = "admin"; }), "roles.allow"},
      {with([](auto& p) { p.mode = "steer"; }), "modes.deny"},
      {with([](auto& p) { p.hour = 12; }), "hours"},
      {with([](auto& p) { p.risk = 0.2; }), "max_risk"}};
  for (const auto& [proposal, rule] : cases) {
    const auto verdict = check(spec(), proposal);
    EXPECT_FALSE(verdict.allowed) << rule;
    EXPECT_EQ(verdict.rule, rule);
    EXPECT_NE(verdict.why.find("of shop version 4"), std::string::npos) << verdict.why;
  }
}

TEST(GovernanceTest, TablesAreWholeWords) {
  EXPECT_TRUE(names_table("SELECT 1 FROM \"payments\"", "payments"));
  EXPECT_FALSE(names_table("SELECT 1 FROM payments_old JOIN old_payments", "payments"));
}

TEST(GovernanceTest, HoursMayReachOverMidnight) {
  EXPECT_TRUE(check(spec(), with([](auto& p) { p.hour = 0; })).allowed);
  EXPECT_TRUE(check(spec(), with([](auto& p) { p.hour = 5; })).allowed);
  EXPECT_FALSE(check(spec(), with([](auto& p) { p.hour = 6; })).allowed);
  EXPECT_EQ(hour_of(TimePoint{} + std::chrono::hours(49)), 1);
}

}  // namespace
}  // namespace hintd::safety
