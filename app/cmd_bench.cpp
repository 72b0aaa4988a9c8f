#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "core/check.h"
#include "core/optimizer.h"
#include "core/statistics.h"
#include "core/template_cache.h"
#include "telemetry/event_writer.h"

namespace hintd::app {
namespace {

constexpr std::size_t kDecidedTemplates = 10'000;
constexpr int kDecisions = 1'000'000;
constexpr int kTexts = 100'000;

class AllowAll final : public Guard {
 public:
  bool allows(std::uint64_t, ArmId) const noexcept override { return true; }
};

// As many known templates as a large application has, every kind of rule among them.
TemplateRules many_rules(Rng& rng) {
  TemplateRules rules;
  while (rules.size() < kDecidedTemplates) {
    TemplateRule rule;
    const auto choice = [&] {
      return RunChoice{static_cast<ArmId>(rng.below(18)), Millis(rng.chance(0.5) ? 10 : 0)};
    };
    rule.rest = choice();
    const bool by_literal = rng.chance(0.3);
    if (by_literal) {
      rule.cases_by = TemplateRule::CasesBy::kLiteral;
      for (int i = 0; i < 16; ++i) rule.cases.emplace_back(rng.next(), choice());
    } else if (rng.chance(0.5)) {
      rule.cases_by = TemplateRule::CasesBy::kForecast;
      for (int i = 0; i < 12; ++i) rule.cases.emplace_back(1000 << i, choice());
      rule.forecast.log_ms = 2;
      for (std::uint16_t literal = 0; literal < 2; ++literal)
        for (std::uint64_t i = 0; i < 40; ++i)
          rule.forecast.effects.push_back({literal, i, rng.normal()});
    }
    rules.emplace(rng.next(), std::move(rule));
  }
  return rules;
}

// A statement of ordinary length whose literals are new every time.
std::string statement(Rng& rng) {
  return "SELECT c.name, count(*) AS items, sum(i.quantity * i.unit_price) AS revenue FROM orders "
         "o "
         "JOIN order_items i ON i.order_id = o.id JOIN products p ON p.id = i.product_id "
         "JOIN categories c ON c.id = p.category_id JOIN customers u ON u.id = o.customer_id "
         "WHERE u.country = 'country " +
         std::to_string(rng.below(200)) + "' AND o.ordered_at >= DATE '2024-0" +
         std::to_string(1 + rng.below(9)) + "-01' AND p.price > " +
         std::to_string(rng.below(1000)) + " GROUP BY c.name ORDER BY revenue DESC LIMIT 10";
}

void print_figures(const nlohmann::json& figures, bool as_json) {
  if (as_json) {
    std::printf("%s\n", figures.dump(2).c_str());
    return;
  }
  for (const auto& [name, value] : figures.items())
    std::printf("%-20s %s\n", name.c_str(), value.dump().c_str());
}

}  // namespace

int bench_decision(const CommonOptions& common) {
  Rng rng(1);
  auto rules = many_rules(rng);
  std::vector<std::uint64_t> fingerprints;
  for (const auto& [fingerprint, rule] : rules) fingerprints.push_back(fingerprint);
  rng.shuffle(fingerprints);
  const AllowAll guard;
  Optimizer optimizer(Mode::kSteer, guard);
  optimizer.publish(std::make_shared<MemoryPolicy>(1, std::move(rules)));
  Optimizer::Reader reader(optimizer);

  const std::vector<std::uint64_t> literals = {1, 2, 3, 4};
  std::vector<double> micros;
  micros.reserve(kDecisions);
  std::int64_t hinted = 0;
  for (int i = 0; i < kDecisions; ++i) {
    const auto fingerprint = fingerprints[static_cast<std::size_t>(i) % kDecidedTemplates];
    const Stopwatch watch;
    const auto decision = reader.decide({fingerprint, literals, nullptr});
    micros.push_back(watch.elapsed().count() * 1000);
    hinted += decision.arm != kDefaultArm;
  }
  HINTD_CHECK(hinted > 0, "no decision was a hint: nothing was measured");

  // The same from a text: outline, template, decision.
  TemplateCache templates;
  std::vector<double> text_micros;
  text_micros.reserve(kTexts);
  for (int i = 0; i < kTexts; ++i) {
    const auto sql = statement(rng);
    const Stopwatch watch;
    const auto parsed = templates.get(sql);
    HINTD_CHECK(parsed.has_value(), "the benchmark's statement does not parse");
    reader.decide({parsed->query_template->fingerprint, parsed->literals, nullptr});
    text_micros.push_back(watch.elapsed().count() * 1000);
  }
  print_figures({{"templates", kDecidedTemplates},
                 {"decisions", kDecisions},
                 {"p50_us", quantile(micros, 0.5)},
                 {"p99_us", quantile(micros, 0.99)},
                 {"p999_us", quantile(micros, 0.999)},
                 {"from_text_p50_us", quantile(text_micros, 0.5)},
                 {"from_text_p99_us", quantile(text_micros, 0.99)}},
                common.json);
  return kExitDone;
}

int bench_telemetry(const CommonOptions& common, const BenchTelemetryCommand& command) {
  const auto folder = common.data_dir / "bench";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  telemetry::TelemetryConfig config;
  config.path = folder / "telemetry.sqlite";
  for (const auto* suffix : {"", "-wal", "-shm"})
    std::filesystem::remove(config.path.string() + suffix, error);
  config.queue_capacity = static_cast<std::size_t>(command.events) + 100;
  auto writer = telemetry::EventWriter::open(config);
  if (!writer) return fail_with(writer.error());

  const TimePoint now{};
  RunStarted run;
  run.time = now;
  run.command = "bench";
  run.arms = {"default", "no_nestloop"};
  (*writer)->record(run);
  for (std::uint64_t i = 0; i < 100; ++i) (*writer)->record(TemplateSeen{i, "", "SELECT $1", ""});
  if (const auto flushed = (*writer)->flush(); !flushed) return fail_with(flushed.error());

  Rng rng(1);
  const Stopwatch watch;
  for (std::int64_t i = 0; i < command.events; ++i) {
    QueryObserved event;
    event.time = now + std::chrono::milliseconds(i);
    event.fingerprint = rng.below(100);
    event.decision.arm = static_cast<ArmId>(rng.below(2));
    event.latency = event.arm_latency = Millis(rng.uniform(0.1, 100));
    event.rows = static_cast<std::int64_t>(rng.below(1000));
    (*writer)->record(std::move(event));
  }
  const auto stopped = (*writer)->stop();
  const double seconds = watch.elapsed().count() / 1000;
  if (!stopped) return fail_with(stopped.error());
  const auto counts = (*writer)->counts();
  print_figures({{"events", command.events},
                 {"stored", counts.stored},
                 {"dropped", counts.dropped},
                 {"seconds", seconds},
                 {"events_per_s", static_cast<double>(command.events) / seconds}},
                common.json);
  return counts.dropped == 0 ? kExitDone : kExitFailed;
}

}  // namespace hintd::app
