// What the room's tests share: a folder of their own, a store that is easy to fill.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "core/event.h"
#include "telemetry/event_writer.h"
#include "telemetry/reader.h"

namespace hintd::telemetry {

inline TimePoint at_second(std::int64_t second) {
  return TimePoint{} + std::chrono::seconds{1'700'000'000 + second};
}

inline RunStarted a_run() {
  RunStarted run;
  run.time = at_second(0);
  run.command = "demo";
  run.seed = 42;
  run.scale = 0.1;
  run.duration_days = 14;
  run.server_version = "PostgreSQL 15.5";
  run.configuration = R"({"gamma": 0.0})";
  run.arms = {"default", "no_nested_loop", "hash_only"};
  return run;
}

inline QueryObserved a_query(std::int64_t second, double latency_ms, ArmId arm = kDefaultArm) {
  QueryObserved query;
  query.time = at_second(second);
  query.fingerprint = 0xF000000000000001;
  query.decision.arm = arm;
  query.decision.reason =
      arm == kDefaultArm ? DecisionReason::kNoWinner : DecisionReason::kVerified;
  query.latency = Millis{latency_ms};
  query.arm_latency = Millis{latency_ms};
  return query;
}

class TelemetryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "telemetry_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    config_.path = folder_ / "telemetry.sqlite";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<EventWriter> open_writer() {
    auto writer = EventWriter::open(config_);
    EXPECT_TRUE(writer.has_value()) << writer.error().text();
    return std::move(*writer);
  }

  void store(const std::vector<Event>& events) {
    auto writer = open_writer();
    for (const auto& event : events) ASSERT_TRUE(writer->record(event));
    const auto stopped = writer->stop();
    ASSERT_TRUE(stopped.has_value()) << stopped.error().text();
  }

  template <class... From>
  Report read(From... from) {
    auto reader = Reader::open(config_.path);
    if (!reader) {
      ADD_FAILURE() << reader.error().text();
      return {};
    }
    auto report = reader->read_report(from...);
    if (!report) {
      ADD_FAILURE() << report.error().text();
      return {};
    }
    return *report;
  }

  std::filesystem::path folder_;
  TelemetryConfig config_;
};

}  // namespace hintd::telemetry
