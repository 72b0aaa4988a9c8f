#include "telemetry/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/rng.h"
#include "core/statistics.h"
#include "sample_run.h"
#include "support.h"
#include "telemetry/history.h"
#include "telemetry/ledger_feed.h"
#include "telemetry/report_json.h"
#include "telemetry/traffic_report.h"

namespace hintd::telemetry {
namespace {

LedgerRow a_row(std::int64_t id, double latency_ms, bool hinted = false) {
  LedgerRow row;
  row.id = id;
  row.template_id = 1;
  row.arm_id = hinted ? 2 : 1;
  row.hinted = hinted;
  row.time = at_second(id);
  row.statement = 7;
  row.latency_ms = latency_ms;
  row.arm_latency_ms = latency_ms;
  return row;
}

TEST(LatencySketchTest, QuantilesAreWithinOnePercent) {
  Rng rng(1);
  std::vector<double> values;
  LatencySketch sketch;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(std::exp(2 * rng.normal() + 3));
    sketch.add(values.back());
  }
  for (const double p : {0.01, 0.5, 0.95, 0.99})
    EXPECT_NEAR(sketch.quantile(p) / quantile(values, p), 1, 0.015) << p;
}

TEST(LatencySketchTest, MergingIsAddingEverything) {
  LatencySketch one;
  LatencySketch two;
  LatencySketch both;
  for (int i = 1; i < 500; ++i) {
    (i % 3 == 0 ? one : two).add(i);
    both.add(i);
  }
  one.merge(two);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.bins(), both.bins());
}

TEST(LedgerTest, SavedTimeIsAgainstTheSameStatement) {
  Ledger ledger;
  ledger.add(a_row(1, 100));
  ledger.add(a_row(2, 100));
  auto other = a_row(3, 5000);
  other.statement = 8;
  ledger.add(other);
  ledger.add(a_row(4, 40, true));
  EXPECT_NEAR(ledger.total().saved.ms, 60, 1e-3);
  EXPECT_EQ(ledger.total().saved.compared, 1);
  EXPECT_GT(ledger.total().saved.half_width(), 0);
}

TEST(LedgerTest, ARunWithoutACounterpartIsLeftOut) {
  Ledger ledger;
  ledger.add(a_row(1, 100));
  auto row = a_row(2, 10, true);
  row.statement = 99;
  ledger.add(row);
  EXPECT_EQ(ledger.total().saved.ms, 0);
  EXPECT_EQ(ledger.total().saved.left_out, 1);
}

TEST(LedgerTest, TheExplorersDefaultRunsCountAsBaselineAndNotAsTraffic) {
  Ledger ledger;
  auto explored = a_row(1, 0);
  explored.explorer = true;
  explored.arm_latency_ms = 80;
  ledger.add(explored);
  ledger.add(a_row(2, 20, true));
  EXPECT_EQ(ledger.total().queries, 1);
  EXPECT_EQ(ledger.total().explorer_runs, 1);
  EXPECT_NEAR(ledger.total().saved.ms, 60, 1e-3);
}

TEST(LedgerTest, WhatIsMeasuredIsNoTraffic) {
  Ledger ledger;
  ledger.add(a_row(1, 100));
  auto measured = a_row(2, 1, true);
  measured.phase_id = 5;
  measured.traffic = false;
  ledger.add(measured);
  EXPECT_EQ(ledger.phases().at(5).queries, 1);
  EXPECT_EQ(ledger.total().queries, 1);
  EXPECT_EQ(ledger.total().saved.compared, 0);
  EXPECT_EQ(ledger.templates().at(1).queries, 1);
  EXPECT_EQ(ledger.last_time(), at_second(1));
  EXPECT_EQ(ledger.last_id(), 2);
}

TEST(LedgerTest, NoEffectIsRarelyCalledOne) {
  int wrong = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Rng rng(seed);
    Ledger ledger;
    for (int i = 1; i <= 200; ++i) {
      auto row = a_row(i, 100 * std::exp(0.3 * rng.normal()), i > 100);
      row.statement = 1 + static_cast<std::uint64_t>(i % 5);
      ledger.add(row);
    }
    const auto& saved = ledger.total().saved;
    wrong += std::abs(saved.ms) > saved.half_width();
  }
  EXPECT_LE(wrong, 10);
}

TEST(LedgerTest, RatioOfHalfTheTimeIsAHalf) {
  int missed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Rng rng(seed);
    Ledger ledger;
    for (int i = 1; i <= 400; ++i)
      ledger.add(a_row(i, (i > 200 ? 50 : 100) * std::exp(0.1 * rng.normal()), i > 200));
    const auto ratio = ledger.templates().at(1).ratio();
    EXPECT_NEAR(ratio.value, 0.5, 0.05);
    missed += ratio.low > 0.5 || ratio.high < 0.5;
  }
  EXPECT_LE(missed, 20) << "a 95 % interval";
}

TEST(LedgerTest, FailuresHaveNoLatency) {
  Ledger ledger;
  auto row = a_row(1, 100);
  row.failed = true;
  ledger.add(row);
  EXPECT_EQ(ledger.total().queries, 1);
  EXPECT_EQ(ledger.total().failures, 1);
  EXPECT_EQ(ledger.total().by_default.count(), 0);
}

TEST(TimelineTest, OutgrownBucketsAreMergedAndNothingIsLost) {
  Timeline<TypicalCell> timeline(std::chrono::minutes(1), 8);
  for (int minute = 0; minute < 100; ++minute)
    ++timeline.at(at_second(0) + std::chrono::minutes(minute)).defaults;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < timeline.size(); ++i) sum += timeline[i].defaults;
  EXPECT_EQ(sum, 100U);
  EXPECT_LE(timeline.size(), 8U);
  EXPECT_EQ(timeline.width(), std::chrono::minutes(16));
}

class LedgerFeedTest : public TelemetryTest {};

TEST_F(LedgerFeedTest, FollowsTheFile) {
  auto writer = open_writer();
  writer->record(a_run());
  writer->record(TemplateSeen{0xF000000000000001, "orders", "SELECT $1", ""});
  writer->record(a_query(1, 100));
  ASSERT_TRUE(writer->flush());
  auto feed = LedgerFeed::open(config_.path);
  ASSERT_TRUE(feed) << feed.error().text();
  EXPECT_FALSE(*feed->read(1000));
  EXPECT_EQ(feed->ledger().total().queries, 1);

  writer->record(a_query(2, 30, 1));
  ASSERT_TRUE(writer->flush());
  EXPECT_FALSE(*feed->read(1000));
  EXPECT_EQ(feed->ledger().total().queries, 2);
  EXPECT_EQ(feed->ledger().total().treated, 1);
  EXPECT_EQ(feed->run().command, "demo");
  const auto id = feed->template_id(0xF000000000000001);
  EXPECT_EQ(feed->template_of(id).name, "orders");
  EXPECT_EQ(feed->arm(feed->ledger().templates().at(id).last_hint), "no_nested_loop");
  EXPECT_EQ(feed->progress(), 1);
}

TEST_F(LedgerFeedTest, ANewDemoBeginsANewLedger) {
  auto writer = open_writer();
  writer->record(a_run());
  writer->record(a_query(1, 100));
  ASSERT_TRUE(writer->flush());
  auto feed = LedgerFeed::open(config_.path);
  ASSERT_TRUE(feed);
  ASSERT_TRUE(feed->read(1000));
  writer->record(a_run());
  writer->record(a_query(1, 10));
  ASSERT_TRUE(writer->flush());
  ASSERT_TRUE(feed->read(1000));
  EXPECT_EQ(feed->ledger().total().queries, 1);
  EXPECT_NEAR(feed->ledger().total().by_default.quantile(0.5), 10, 0.2);
}

TEST_F(LedgerFeedTest, AgreesWithTheReport) {
  auto writer = open_writer();
  writer->record(a_run());
  Rng rng(5);
  for (int i = 1; i <= 500; ++i) writer->record(a_query(i, 50 * std::exp(rng.normal()), i % 2));
  ASSERT_TRUE(writer->flush());
  auto feed = LedgerFeed::open(config_.path);
  ASSERT_TRUE(feed);
  while (*feed->read(100)) {
  }
  const auto report = read();
  const auto& phase = report.phases.front();
  auto all = feed->ledger().total().by_default;
  all.merge(feed->ledger().total().hinted);
  EXPECT_EQ(feed->ledger().total().queries, report.queries);
  EXPECT_EQ(feed->ledger().total().treated, phase.hinted);
  EXPECT_EQ(all.quantile(0.5), phase.latency_ms.p50);
  EXPECT_EQ(all.quantile(0.99), phase.latency_ms.p99);
}

TEST_F(LedgerFeedTest, KeptFiguresAreThoseOfAllRows) {
  auto events = SampleRun{.templates = 6, .queries_per_phase = 400}.events();
  const std::vector<Event> rest(events.end() - 600, events.end());
  events.resize(events.size() - 600);
  auto writer = open_writer();
  for (const auto& event : events) writer->record(event);
  ASSERT_TRUE(writer->flush());
  auto first = LedgerFeed::open(config_.path);
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->read_all());
  ASSERT_TRUE(first->keep(first->kept()));
  for (const auto& event : rest) writer->record(event);
  ASSERT_TRUE(writer->flush());

  auto second = LedgerFeed::open(config_.path);
  ASSERT_TRUE(second);
  ASSERT_TRUE(second->read_all());
  EXPECT_EQ(second->restored_to(), first->ledger().last_id());
  ASSERT_TRUE(first->read_all());
  std::filesystem::remove(config_.path.string() + ".figures");
  auto anew = LedgerFeed::open(config_.path);
  ASSERT_TRUE(anew);
  ASSERT_TRUE(anew->read_all());
  EXPECT_EQ(anew->restored_to(), 0);
  for (const auto* feed : {&*first, &*second}) {
    EXPECT_EQ(feed->ledger().total().saved.ms, anew->ledger().total().saved.ms);
    EXPECT_EQ(traffic_json(traffic_report(feed->ledger(), std::chrono::hours(24))),
              traffic_json(traffic_report(anew->ledger(), std::chrono::hours(24))));
    for (const auto& [id, figures] : anew->ledger().templates()) {
      const auto& same = feed->ledger().templates().at(id);
      EXPECT_EQ(same.total_ms, figures.total_ms);
      EXPECT_EQ(same.ratio().low, figures.ratio().low);
      EXPECT_EQ(same.recent, figures.recent);
      EXPECT_EQ(same.arms.size(), figures.arms.size());
    }
  }
}

TEST_F(LedgerFeedTest, AStartWithoutNewRowsKnowsItsNames) {
  store({a_run(), TemplateSeen{0xF000000000000001, "orders", "SELECT $1", ""}, a_query(1, 100, 1)});
  auto before = LedgerFeed::open(config_.path);
  ASSERT_TRUE(before && before->read_all());
  ASSERT_TRUE(before->keep(before->kept()));
  auto feed = LedgerFeed::open(config_.path);
  ASSERT_TRUE(feed && feed->read_all());
  EXPECT_EQ(feed->restored_to(), 1);
  EXPECT_EQ(feed->template_of(feed->template_id(0xF000000000000001)).name, "orders");
  EXPECT_EQ(feed->arm(feed->ledger().templates().begin()->second.last_hint), "no_nested_loop");
}

TEST_F(LedgerFeedTest, KeptFiguresOutliveTheRowsThatRetentionDeletes) {
  auto writer = open_writer();
  writer->record(a_run());
  for (int i = 1; i <= 10; ++i) writer->record(a_query(i, 100));
  ASSERT_TRUE(writer->flush());
  auto feed = LedgerFeed::open(config_.path);
  ASSERT_TRUE(feed && feed->read_all());
  ASSERT_TRUE(feed->keep(feed->kept()));
  auto database = Database::open(config_.path, Database::Access::kReadWrite);
  ASSERT_TRUE(database && database->execute("DELETE FROM observations WHERE id <= 5"));
  EXPECT_EQ(read().traffic.queries, 10);
}

TEST_F(LedgerFeedTest, KeptFiguresOfOtherRowsAreLeftAlone) {
  store({a_run(), a_query(1, 100)});
  auto feed = LedgerFeed::open(config_.path);
  ASSERT_TRUE(feed && feed->read_all());
  const auto kept = feed->kept();
  std::filesystem::remove(config_.path);
  store({a_run(), a_query(5, 100), a_query(6, 100)});
  ASSERT_TRUE(feed->keep(kept));
  EXPECT_EQ(read().traffic.queries, 2);
}

TEST_F(LedgerFeedTest, DamagedFiguresAreAddedUpAnew) {
  store({a_run(), a_query(1, 100), a_query(2, 100)});
  auto feed = LedgerFeed::open(config_.path);
  ASSERT_TRUE(feed && feed->read_all());
  const auto kept = feed->kept();
  for (std::size_t cut = 0; cut < kept.size(); cut += 7) {
    auto damaged = kept.substr(0, cut);
    ASSERT_TRUE(feed->keep(damaged));
    EXPECT_EQ(read().traffic.queries, 2) << cut;
    damaged = kept;
    damaged[cut] = static_cast<char>(damaged[cut] ^ 0x40);
    ASSERT_TRUE(feed->keep(damaged));
    EXPECT_EQ(read().traffic.queries, 2) << cut;
  }
}

TEST_F(LedgerFeedTest, EventsComeAPageAtATime) {
  auto writer = open_writer();
  writer->record(a_run());
  for (int i = 0; i < 25; ++i)
    writer->record(SafetyEvent{at_second(i), i % 5 == 0 ? "server_lost" : "arm_failed", 0, ""});
  ASSERT_TRUE(writer->flush());
  auto history = History::open(config_.path);
  ASSERT_TRUE(history);
  std::vector<std::int64_t> seen;
  Page page{1, std::nullopt, 10};
  while (true) {
    const auto events = history->events(page);
    ASSERT_TRUE(events);
    for (const auto& event : *events) seen.push_back(event.id);
    if (events->size() < 10) break;
    page.before = events->back().id;
  }
  EXPECT_EQ(seen.size(), 25U);
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater{}));
  EXPECT_EQ(history->events({1, std::nullopt, 50}, "server_lost")->size(), 5U);
}

}  // namespace
}  // namespace hintd::telemetry
