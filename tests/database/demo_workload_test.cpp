#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/query_template.h"
#include "database/demo/workload.h"

namespace hintd::database::demo {
namespace {

// Every column that any template asks for, with values of its own in each row.
LiteralSources fake_literals() {
  LiteralSources sources;
  for (const auto& wanted : workload_templates()) {
    auto& columns = sources[static_cast<std::size_t>(wanted.source)].columns;
    for (const auto& name : holes(wanted.sql)) {
      if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
    }
  }
  for (auto& source : sources) {
    for (int row = 0; row < 200; ++row) {
      auto& values = source.rows.emplace_back();
      // Few distinct tuples, of different frequency.
      for (std::size_t i = 0; i < source.columns.size(); ++i) {
        values.push_back(std::to_string(row * row / 1000));
      }
    }
  }
  return sources;
}

Workload workload(const WorkloadConfig& config = {}) {
  auto made = Workload::from_literals(fake_literals(), config);
  EXPECT_TRUE(made.has_value()) << made.error().text();
  return std::move(*made);
}

std::set<std::string> statements(const Workload& from, Split split) {
  std::set<std::string> all;
  for (const auto& query : from.evaluation(split)) all.insert(query.sql);
  return all;
}

std::set<std::string> names(const Workload& from, Split split) {
  std::set<std::string> all;
  for (const auto& query : from.evaluation(split)) all.insert(query.template_name);
  return all;
}

TEST(WorkloadTemplatesTest, ThereAreAtLeastFortyEightWithNamesOfTheirOwn) {
  std::set<std::string_view> unique;
  for (const auto& one : workload_templates()) unique.insert(one.name);
  EXPECT_EQ(unique.size(), workload_templates().size());
  EXPECT_GE(unique.size(), 48u);
}

TEST(WorkloadTemplatesTest, AboutAFifthIsHandsOff) {
  const auto& all = workload_templates();
  const auto hands_off = std::count_if(all.begin(), all.end(), [](const WorkloadTemplate& one) {
    return one.shape == Shape::kHandsOff;
  });
  EXPECT_GE(hands_off, 0.15 * all.size());
  EXPECT_LE(hands_off, 0.3 * all.size());
}

TEST(WorkloadTemplatesTest, ALimitComesWithAnOrder) {
  for (const auto& one : workload_templates()) {
    if (one.sql.find("LIMIT") == std::string_view::npos) continue;
    EXPECT_NE(one.sql.find("ORDER BY"), std::string_view::npos) << one.name;
  }
}

TEST(WorkloadTemplatesTest, AClassHasAsManyTablesAsItsNameSays) {
  for (const auto& one : workload_templates()) {
    std::size_t joins = 0;
    for (auto at = one.sql.find("JOIN"); at != std::string_view::npos;
         at = one.sql.find("JOIN", at + 1)) {
      ++joins;
    }
    if (one.query_class == QueryClass::kSelectSimple) {
      EXPECT_EQ(joins, 0u) << one.name;
    }
    if (one.query_class == QueryClass::kJoinTwoTables) {
      EXPECT_LE(joins, 1u) << one.name;
    }
    if (one.query_class == QueryClass::kJoinMultiple) {
      EXPECT_GE(joins, 2u) << one.name;
    }
  }
}

TEST(WorkloadTemplatesTest, EachIsOneReadOnlyTemplateToTheParser) {
  std::map<std::uint64_t, std::string> names_by_fingerprint;
  for (const auto& query : workload().evaluation(Split::kTraining)) {
    const auto parsed = parse_query(query.sql);
    ASSERT_TRUE(parsed.has_value()) << query.template_name << ": " << parsed.error().text();
    EXPECT_EQ(parsed->query_template->kind, StatementKind::kReadOnlySelect) << query.template_name;
    const auto [known, is_new] =
        names_by_fingerprint.try_emplace(parsed->query_template->fingerprint, query.template_name);
    EXPECT_EQ(known->second, query.template_name);
  }
  EXPECT_EQ(names_by_fingerprint.size(), names(workload(), Split::kTraining).size());
}

TEST(WorkloadTemplatesTest, FillingEscapesQuotes) {
  EXPECT_EQ(filled("name = '{name}' AND {name}x{id}", {"name", "id"}, {"O'Hara", "7"}),
            "name = 'O''Hara' AND O''Harax7");
}

TEST(WorkloadTemplatesTest, HolesAreNamedOnceInOrder) {
  EXPECT_EQ(holes("{b} {a} {b}"), (std::vector<std::string>{"b", "a"}));
}

TEST(WorkloadTest, SplitsShareNoStatement) {
  const auto traffic = workload();
  const auto training = statements(traffic, Split::kTraining);
  for (const auto split : {Split::kHeldOutLiterals, Split::kHeldOutTemplates}) {
    for (const auto& sql : statements(traffic, split)) EXPECT_FALSE(training.contains(sql)) << sql;
  }
}

TEST(WorkloadTest, HeldOutTemplatesAreNotInTheOtherSplits) {
  const auto traffic = workload();
  const auto held_out = names(traffic, Split::kHeldOutTemplates);
  EXPECT_EQ(held_out.size(), traffic.held_out_template_count());
  EXPECT_NEAR(static_cast<double>(held_out.size()), 0.15 * traffic.template_count(), 1);
  for (const auto split : {Split::kTraining, Split::kHeldOutLiterals}) {
    for (const auto& name : names(traffic, split)) EXPECT_FALSE(held_out.contains(name)) << name;
  }
}

TEST(WorkloadTest, TheTrafficIsOfTrainingQueriesOnly) {
  const auto traffic = workload();
  const auto training = statements(traffic, Split::kTraining);
  Rng rng(5);
  for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(training.contains(traffic.draw(rng).sql));
}

TEST(WorkloadTest, ClassesComeByTheirShares) {
  const WorkloadConfig config;
  const auto traffic = workload(config);
  Rng rng(5);
  std::map<QueryClass, double> drawn;
  for (int i = 0; i < 10'000; ++i) drawn[traffic.draw(rng).query_class] += 1e-4;
  for (std::size_t i = 0; i < kQueryClasses; ++i) {
    EXPECT_NEAR(drawn[static_cast<QueryClass>(i)], config.shares[i], 0.02) << i;
  }
}

TEST(WorkloadTest, AFrequentTupleComesOften) {
  WorkloadConfig config;
  config.held_out_template_share = 0;
  const auto traffic = workload(config);
  Rng rng(5);
  std::map<std::string, int> drawn;
  for (int i = 0; i < 20'000; ++i) {
    const auto& query = traffic.draw(rng);
    if (query.template_name == "order_by_id") ++drawn[query.sql];
  }
  int most = 0;
  int all = 0;
  for (const auto& [sql, number] : drawn) {
    most = std::max(most, number);
    all += number;
  }
  EXPECT_GT(most, 1.5 * all / drawn.size());
}

TEST(WorkloadTest, TheSameSeedGivesTheSameTraffic) {
  const auto one = workload();
  const auto other = workload();
  Rng rng(5);
  Rng same(5);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(one.draw(rng).sql, other.draw(same).sql);
  EXPECT_EQ(names(one, Split::kHeldOutTemplates), names(other, Split::kHeldOutTemplates));
}

TEST(WorkloadTest, AnotherSeedHoldsOutOtherTemplates) {
  WorkloadConfig config;
  config.seed = 2;
  EXPECT_NE(names(workload(), Split::kHeldOutTemplates),
            names(workload(config), Split::kHeldOutTemplates));
}

TEST(WorkloadTest, ARowThatLacksAValueGivesNoQuery) {
  auto sources = fake_literals();
  for (auto& source : sources) {
    for (std::size_t i = 0; i < source.rows.size(); i += 2)
      source.rows[i].assign(source.columns.size(), {});
  }
  const auto made = Workload::from_literals(sources, {});
  ASSERT_TRUE(made.has_value());
  for (const auto& query : made->evaluation(Split::kTraining)) {
    EXPECT_EQ(query.sql.find("''"), std::string::npos) << query.sql;
  }
}

TEST(WorkloadTest, RefusesTooFewLiterals) {
  auto sources = fake_literals();
  for (auto& source : sources) source.rows.resize(1);
  const auto made = Workload::from_literals(sources, {});
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().kind, ErrorKind::kInvalidInput);
}

TEST(WorkloadTest, RefusesSharesThatSumToNothing) {
  WorkloadConfig config;
  config.shares = {};
  const auto made = Workload::from_literals(fake_literals(), config);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().kind, ErrorKind::kInvalidInput);
}

TEST(WorkloadConfigTest, KindsHaveNames) {
  EXPECT_EQ(workload_kind_named("oltp"), WorkloadKind::kOltp);
  EXPECT_EQ(workload_kind_named("mixed"), WorkloadKind::kMixed);
  EXPECT_EQ(workload_kind_named("nonsense"), std::nullopt);
}

}  // namespace
}  // namespace hintd::database::demo
