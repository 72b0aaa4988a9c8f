#include "config/settings_table.h"

#include <array>
#include <cctype>
#include <charconv>

namespace hintd::config {
namespace {

// A member of Settings, e.g. HINTD_AT(agent.heads).
#define HINTD_AT(member)                                \
  [](const Settings& s) { return to_value(s.member); }, \
      [](Settings& s, const Value& value) { assign(s.member, value); }

Limits range(double low, double high) {
  return {low, high, {}};
}

Limits one_of(std::vector<std::string_view> names) {
  return {0, 0, std::move(names)};
}

Limits any() {
  return {};
}

// clang-format off
const std::vector<SettingRow>& rows() {
  static const std::vector<SettingRow> kRows = {
      {"log.level", HINTD_AT(log_level), "", one_of({"debug", "info", "warning", "error"}), "what optimizer.log keeps: this and what is worse"},
      {"log.format", HINTD_AT(log_format), "", one_of({"text", "json"}), "how log lines are written; json: one object a line"},
      {"hints.profile", HINTD_AT(hints_profile), "", any(), "which hint sets of config/hints.yaml are tried"},

      {"shop.scale", HINTD_AT(shop.scale), "", range(0.01, 100), "size of the demo's data; 1 is about 10 million rows"},
      {"shop.seed", HINTD_AT(shop.seed), "", range(0, 9e15), "of the demo's data"},

      {"workload.shares.select_simple", HINTD_AT(workload.shares[0]), "", range(0, 1), "share of point look-ups in the simulated traffic"},
      {"workload.shares.join_two_tables", HINTD_AT(workload.shares[1]), "", range(0, 1), "share of joins of two tables"},
      {"workload.shares.join_multiple", HINTD_AT(workload.shares[2]), "", range(0, 1), "share of joins of more tables"},
      {"workload.shares.aggregation", HINTD_AT(workload.shares[3]), "", range(0, 1), "share of aggregations"},
      {"workload.shares.analytical", HINTD_AT(workload.shares[4]), "", range(0, 1), "share of analytical queries"},
      {"workload.held_out_template_share", HINTD_AT(workload.held_out_template_share), "", range(0, 0.5), "share of templates kept out of the traffic, for the final evaluation"},
      {"workload.training_literals", HINTD_AT(workload.training_literals), "", range(1, 10000), "literal tuples a template in the traffic"},
      {"workload.held_out_literals", HINTD_AT(workload.held_out_literals), "", range(1, 1000), "literal tuples a template kept for the final evaluation"},
      {"workload.seed", HINTD_AT(workload.seed), "", range(0, 9e15), "of literals, traffic and learning"},

      {"simulation.duration_days", HINTD_AT(simulation.duration_days), "days", range(0.01, 3650), "simulated life of the demo's database"},
      {"simulation.queries_per_hour", HINTD_AT(simulation.queries_per_hour), "", range(0.01, 100000), "users' statements, mean over the day; nights are quiet"},
      {"simulation.baseline_share", HINTD_AT(simulation.baseline_share), "", range(0.01, 0.9), "part of the duration under the default alone"},
      {"simulation.learning_share", HINTD_AT(simulation.learning_share), "", range(0.01, 0.9), "part in which hintd explores and learns; the rest shows what it learned"},
      {"simulation.explore_budget_s", HINTD_AT(simulation.explore_budget_s), "s", range(0, 86400), "exploring and proving off the users' path, over the learning phase"},
      {"simulation.explore_ratio", HINTD_AT(simulation.explore_ratio), "", range(0, 1000), "that budget is at least so many times what the users' statements of the phase take: a slow server needs as many runs as a fast one"},
      {"simulation.tries_at_once", HINTD_AT(simulation.tries_at_once), "", range(1, 2), "tries of the explorer's search at a time: between the users' statements it has the server to itself"},
      {"simulation.inline_share", HINTD_AT(simulation.inline_share), "", range(0, 1), "part of the users' statements on which the agent may try an arm, under a deadline"},
      {"simulation.proxied_statements", HINTD_AT(simulation.proxied_statements), "", range(0, 100000), "users' statements that are sent through a proxy at the end, and to the server itself in turn"},
      {"simulation.evaluation_pairs", HINTD_AT(simulation.evaluation_pairs), "", range(5, 1000), "least runs of default and learned, in turn, of each evaluated query"},

      {"serve.dsn", HINTD_AT(serve.dsn), "", any(), "the database, as libpq takes it, best without a password (~/.pgpass); none: a private cluster"},
      {"serve.mode", HINTD_AT(serve.mode), "", one_of({"observe", "advise", "steer"}), "observe: record and change nothing; advise: look for faster plans too; steer: apply what is verified"},
      {"serve.explore_share", HINTD_AT(serve.explore_share), "", range(0, 1), "part of the time in which the explorer may run statements of its own"},
      {"serve.inline_share", HINTD_AT(serve.inline_share), "", range(0, 1), "part of users' waiting for slow statements that arms which are not proved may cost, tried on these under a deadline; 0: none is tried"},

      {"proxy.listen", HINTD_AT(proxy.listen), "", any(), "host:port where clients connect, or /folder:port for a unix socket; beyond this machine only with a certificate"},
      {"proxy.io_threads", HINTD_AT(proxy.io_threads), "", range(0, 64), "threads that relay; 0: one per core"},
      {"proxy.max_connections", HINTD_AT(proxy.max_connections), "", range(1, 100000), "clients at a time; the next one is refused with 53300"},
      {"proxy.login_timeout_ms", HINTD_AT(proxy.login_timeout), "ms", range(100, 3600000), "a client that has not logged in by then is hung up on"},
      {"proxy.keepalive_s", HINTD_AT(proxy.keepalive_s), "s", range(1, 30000), "a client or server silent for so long is asked by TCP whether it is there; silent for as long again, it is gone"},
      {"proxy.drain_ms", HINTD_AT(proxy.drain), "ms", range(0, 3600000), "on SIGTERM sessions may finish what they are at for this long"},
      {"proxy.tls_certificate", HINTD_AT(proxy.tls_certificate), "", any(), "PEM file shown to clients; none: they are offered no TLS"},
      {"proxy.tls_key", HINTD_AT(proxy.tls_key), "", any(), "PEM file with the certificate's key"},
      {"proxy.applications", HINTD_AT(proxy.applications), "", any(), "application_name of the sessions that may be hinted, with commas between them; * for all"},
      {"proxy.roles", HINTD_AT(proxy.roles), "", any(), "roles whose sessions may be hinted, with commas between them; * for all"},

      {"learning.agent.hidden_sizes", HINTD_AT(agent.hidden_sizes), "", range(1, learning::kMaxHiddenSize), "units per hidden layer, 1 to 4 layers"},
      {"learning.agent.heads", HINTD_AT(agent.heads), "", range(1, 16), "bootstrapped heads; 5 to 10 give a useful spread"},
      {"learning.agent.prior_mean", HINTD_AT(agent.prior_mean), "log-ratio", range(-3, 3), "expected of an arm never tried; above 0: slower than the default"},
      {"learning.agent.prior_scale", HINTD_AT(agent.prior_scale), "log-ratio", range(0, 5), "standard deviation of that belief over the heads"},
      {"learning.agent.learning_rate", HINTD_AT(agent.learning_rate), "", range(1e-6, 1), "Adam's"},
      {"learning.agent.weight_decay", HINTD_AT(agent.weight_decay), "", range(0, 1), "decoupled, per unit of learning rate"},
      {"learning.agent.gradient_clip", HINTD_AT(agent.gradient_clip), "", range(1e-3, 1e3), "largest norm of a gradient"},
      {"learning.agent.batch_size", HINTD_AT(agent.batch_size), "", range(1, 4096), "transitions an update"},
      {"learning.agent.train_steps_per_observation", HINTD_AT(agent.train_steps_per_observation), "", range(1, 100), "updates of the network per finished query"},
      {"learning.agent.discount", HINTD_AT(agent.discount), "", range(0, 0.99), "weight of the next query's cost; 0: queries do not depend on each other"},
      {"learning.agent.target_update_steps", HINTD_AT(agent.target_update_steps), "", range(1, 1e6), "updates between copies to the target network"},
      {"learning.agent.replay_capacity", HINTD_AT(agent.replay_capacity), "", range(1, 1e7), "transitions kept, about 350 bytes each"},
      {"learning.agent.bootstrap_probability", HINTD_AT(agent.bootstrap_probability), "", range(0.05, 1), "chance that a head learns from a transition"},
      {"learning.agent.exploration", HINTD_AT(agent.exploration), "", one_of({"thompson", "greedy"}), "what the agent plays while it learns: the best arm of one head drawn anew, or of the heads' mean"},
      {"learning.agent.epsilon_start", HINTD_AT(agent.epsilon_start), "", range(0, 1), "chance of a uniform choice at the start"},
      {"learning.agent.epsilon_end", HINTD_AT(agent.epsilon_end), "", range(0, 1), "chance of a uniform choice after the decay, at most epsilon_start"},
      {"learning.agent.epsilon_decay_steps", HINTD_AT(agent.epsilon_decay_steps), "", range(1, 1e9), "observations over which it falls linearly"},
      {"learning.agent.risk_bound", HINTD_AT(agent.risk_bound), "", range(0, 10), "standard deviations added to a cost before an arm may win"},
      {"learning.agent.latency_weight", HINTD_AT(agent.latency_weight), "", range(0, 100), "of the log-ratio of latencies in a run's cost"},
      {"learning.agent.resource_weight", HINTD_AT(agent.resource_weight), "", range(0, 100), "of the log-ratio of blocks touched in a run's cost"},
      {"learning.agent.failure_penalty", HINTD_AT(agent.failure_penalty), "log-ratio", range(0, 100), "added to a run's cost where it failed"},

      {"learning.explorer.search_statements", HINTD_AT(explorer.search_statements), "", range(1, 20), "statements of a template on which every promising plan is tried"},
      {"learning.explorer.stop_gain", HINTD_AT(explorer.stop_gain), "", range(0, 10), "the search of a template ends below this: seconds won per second spent"},
      {"learning.explorer.max_statement_ms", HINTD_AT(explorer.max_statement_ms), "ms", range(10, 3600000), "no run of the explorer takes longer"},

      {"learning.rules.min_statements", HINTD_AT(rules.min_statements), "", range(1, 100), "statements measured under an arm before the default is ended for it"},
      {"learning.rules.server_time_weight", HINTD_AT(rules.server_time_weight), "", range(0, 10), "what a second of the server's time weighs beside one of a user's waiting: a hedged run costs both"},
      {"learning.rules.min_gain", HINTD_AT(rules.min_gain), "", range(0, 1), "part of the default's time that an arm must save"},
      {"learning.rules.max_regression", HINTD_AT(rules.max_regression), "", range(0, 1), "a statement counts as slower than the default from this part on"},
      {"learning.rules.min_latency_ms", HINTD_AT(rules.min_latency_ms), "ms", range(0, 1e6), "a template whose default takes less is left alone"},
      {"learning.rules.min_plan_latency_ms", HINTD_AT(rules.min_plan_latency_ms), "ms", range(0, 1e6), "rules that need the default plan are only for templates whose every statement takes this much"},

      {"learning.unseen.min_templates", HINTD_AT(unseen.min_templates), "", range(1, 100), "measured templates near a new one that must all have been faster under an arm"},
      {"learning.unseen.radius", HINTD_AT(unseen.radius), "", range(0, 10), "how near: root mean square difference of standardised features"},
      {"learning.unseen.max_pessimistic_cost", HINTD_AT(unseen.max_pessimistic_cost), "log-ratio", range(-5, 0), "the network's cost with every head against the arm must be below this"},
      {"learning.unseen.min_plan_cost", HINTD_AT(unseen.min_plan_cost), "cost units", range(0, 1e9), "a default plan that PostgreSQL expects to cost less is left alone"},

      {"level1.every_s", HINTD_AT(level1.every), "s", range(1, 2592000), "time between two attempts to learn a better policy"},
      {"level1.min_improvement", HINTD_AT(level1.min_improvement), "", range(0, 1), "part of the time of the statements it changes that a candidate must save, by the lower bound"},
      {"level1.false_promotions", HINTD_AT(level1.false_promotions), "", range(1e-6, 0.5), "chance that a candidate which saves less is deployed all the same"},
      {"level1.max_pairs", HINTD_AT(level1.max_pairs), "", range(5, 100000), "paired runs a candidate gets at most"},
      {"level1.sandbox_budget_s", HINTD_AT(level1.sandbox_budget_s), "s", range(1, 86400), "how long they may take in all"},
      {"level1.sandbox_share", HINTD_AT(level1.sandbox_share), "", range(0.01, 0.9), "part of the time for runs of hintd's own that paired runs may take; exploring takes the rest"},
      {"level1.max_template_ratio", HINTD_AT(level1.max_template_ratio), "", range(1, 100), "a template slower than this multiple of its default fails the candidate"},
      {"level1.statements_per_template", HINTD_AT(level1.statements_per_template), "", range(1, 1000), "statements of a template kept in memory for paired runs"},
      {"level1.sandbox_role", HINTD_AT(level1.sandbox_role), "", any(), "the role under which paired runs run; own: the connection's own"},

      {"level2.every_s", HINTD_AT(level2.every), "s", range(60, 2592000), "time between two generations of the search for hyperparameters"},
      {"level2.population", HINTD_AT(level2.population), "", range(4, 1000), "genomes a generation"},
      {"level2.elites", HINTD_AT(level2.elites), "", range(1, 100), "of those the best, kept as they are; below population"},
      {"level2.tournament", HINTD_AT(level2.tournament), "", range(1, 100), "genomes drawn for each parent, of which the best is taken"},
      {"level2.mutation_rate", HINTD_AT(level2.mutation_rate), "", range(0, 1), "chance that a hyperparameter is changed"},
      {"level2.mutation_sd", HINTD_AT(level2.mutation_sd), "", range(0, 1), "how far, part of its range"},
      {"level2.seeds", HINTD_AT(level2.seeds), "", range(1, 100), "replays a genome"},
      {"level2.champion_seeds", HINTD_AT(level2.champion_seeds), "", range(3, 1000), "replays that decide whether the champion is replaced"},
      {"level2.pairs", HINTD_AT(level2.pairs), "", range(10, 100000), "paired runs a replay may explore with"},
      {"level2.cpu_budget_s", HINTD_AT(level2.cpu_budget_s), "s", range(1, 86400), "CPU time a generation may take"},

      {"safety.deadline_multiple", HINTD_AT(safety.deadline_multiple), "", range(1, 100), "past this multiple of its template's default a run under a hint is joined by the default or, over one connection, stopped and re-run under it"},
      {"safety.min_deadline_ms", HINTD_AT(safety.min_deadline), "ms", range(1, 60000), "no deadline is shorter where a run is stopped past it"},
      {"safety.max_statement_ms", HINTD_AT(safety.max_statement), "ms", range(10, 3600000), "no statement runs longer, whoever asks"},
      {"safety.max_consecutive_failures", HINTD_AT(safety.max_consecutive_failures), "", range(1, 100), "runs in a row that failed or were far slower than the default after which an arm is left alone for a template"},
      {"safety.max_failures_everywhere", HINTD_AT(safety.max_failures_everywhere), "", range(1, 100), "the same for a template whatever the arm, an arm whatever the template, and hinting as a whole"},
      {"safety.cooldown_s", HINTD_AT(safety.cooldown), "s", range(0, 2592000), "how long it is left alone before it gets one more chance; doubled each time it is found slower again"},
      {"safety.failure_pause_ms", HINTD_AT(safety.failure_pause), "ms", range(0, 60000), "how long a server that fails is left alone"},
      {"safety.rollback_threshold", HINTD_AT(safety.rollback_threshold), "", range(0, 10), "a policy is taken back when it is slower than the default by more than this part"},
      {"safety.false_alarms", HINTD_AT(safety.false_alarms), "", range(1e-6, 0.5), "chance that an arm or a policy that is no slower is ever taken back"},
      {"safety.max_cpu", HINTD_AT(safety.max_cpu), "", range(0, 1), "busy part of the host's processors above which exploring stops, then learning"},
      {"safety.max_memory", HINTD_AT(safety.max_memory), "", range(0, 1), "the same for the host's memory"},
      {"safety.max_connections", HINTD_AT(safety.max_connections), "", range(0, 1), "the same for the server's connections"},
      {"safety.min_free_disk_mb", HINTD_AT(safety.min_free_disk_mb), "MB", range(0, 1e9), "the same below this much free disk"},

      {"telemetry.path", HINTD_AT(telemetry.path), "", any(), "the SQLite file that keeps events"},
      {"telemetry.batch_size", HINTD_AT(telemetry.batch_size), "", range(1, 1e6), "events a transaction, at most"},
      {"telemetry.queue_capacity", HINTD_AT(telemetry.queue_capacity), "", range(1, 1e7), "events that wait for the writer, at most; more are dropped and counted"},
      {"telemetry.flush_interval_ms", HINTD_AT(telemetry.flush_interval), "ms", range(1, 60000), "how long an event waits for others to share its transaction"},
      {"telemetry.retention_days", HINTD_AT(telemetry.retention_days), "days", range(0, 36500), "statements, training steps and safety events are deleted after this, the sums of them stay; 0 keeps all"},
      {"telemetry.minute_days", HINTD_AT(telemetry.minute_days), "days", range(0, 36500), "sums by the minute are deleted after this; 0 keeps all"},
      {"telemetry.hour_days", HINTD_AT(telemetry.hour_days), "days", range(0, 36500), "sums by the hour are deleted after this; 0 keeps all"},
      {"telemetry.day_days", HINTD_AT(telemetry.day_days), "days", range(0, 36500), "sums by the day are deleted after this; 0 keeps all"},
      {"telemetry.keep_samples", HINTD_AT(telemetry.keep_samples), "", any(), "keep one statement of each template as it came, literals and all, so that the page can show its plans after a restart too; false: what was kept is deleted"},
      {"telemetry.report_cache.ttl_ms", HINTD_AT(telemetry.report_cache.ttl), "ms", range(0, 3.6e6), "a report the dashboard gave is given again for so long, where nothing but further statements came; 0: never"},
      {"telemetry.report_cache.max_bytes", HINTD_AT(telemetry.report_cache.max_bytes), "bytes", range(0, 1e10), "reports kept, together; those not asked for longest go first"},
      {"telemetry.backup.every_h", HINTD_AT(telemetry.backup.every_h), "h", range(0, 8760), "time between two backups that hintd serve makes; 0: none"},
      {"telemetry.backup.keep_daily", HINTD_AT(telemetry.backup.keep_daily), "", range(0, 1000), "the newest backup of each of so many days is kept"},
      {"telemetry.backup.keep_weekly", HINTD_AT(telemetry.backup.keep_weekly), "", range(0, 1000), "the same of weeks"},
      {"telemetry.backup.keep_monthly", HINTD_AT(telemetry.backup.keep_monthly), "", range(0, 1000), "the same of months"},
      {"telemetry.backup.level", HINTD_AT(telemetry.backup.level), "", range(1, 19), "how hard zstd tries"},
      {"telemetry.backup.command", HINTD_AT(telemetry.backup.command), "", any(), "run by /bin/sh after each backup with the file as $1, to copy it to another machine; none: nothing is run"},

      {"dashboard.http", HINTD_AT(dashboard.http), "", any(), "host:port of the page and the API, or off; beyond this machine only with a certificate"},
      {"dashboard.token_file", HINTD_AT(dashboard.token_file), "", any(), "the token that changes need, made at the first start; none: dashboard.token in the data folder"},
      {"dashboard.hosts", HINTD_AT(dashboard.hosts), "", any(), "further names under which people reach the page, with commas between them; or none"},
      {"dashboard.tls_certificate", HINTD_AT(dashboard.tls_certificate), "", any(), "PEM file; none: no TLS"},
      {"dashboard.tls_key", HINTD_AT(dashboard.tls_key), "", any(), "PEM file with the certificate's key"},
      {"dashboard.show_literals", HINTD_AT(dashboard.show_literals), "", any(), "show the conditions of plans and the log's quotes, which hold literals of users' statements"},
      {"dashboard.max_connections", HINTD_AT(dashboard.max_connections), "", range(1, 10000), "connections at a time; the next one is refused"},
      {"dashboard.webhook_url", HINTD_AT(dashboard.webhook_url), "", any(), "told of every safety event by POST; none: nobody"},
      {"dashboard.webhook_secret_file", HINTD_AT(dashboard.webhook_secret_file), "", any(), "its content signs what is sent (HMAC-SHA256); none: unsigned"},
  };
  return kRows;
}
// clang-format on

// As people write it: 1000000 and 0.0001, not 1e+06 and 1e-04.
std::string number_text(double value) {
  std::array<char, 64> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr;
  return {text.data(), end};
}

std::string range_text(const Limits& limits) {
  return " from " + number_text(limits.low) + " to " + number_text(limits.high);
}

std::string joined(const auto& items, auto&& text_of) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += ", ";
    text += text_of(item);
  }
  return text;
}

}  // namespace

std::span<const SettingRow> settings_table() {
  return rows();
}

bool changes_live(const SettingRow& row) {
  for (const auto* live : {"log.level", "serve.mode", "telemetry.retention_days",
                           "telemetry.minute_days", "telemetry.hour_days", "telemetry.day_days"})
    if (row.key == live) return true;
  return row.key.starts_with("telemetry.backup.");
}

std::string environment_name(std::string_view key) {
  std::string name = "HINTD_";
  for (const char c : key)
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string allowed_text(const SettingRow& row) {
  if (!row.limits.names.empty())
    return "one of " + joined(row.limits.names, [](auto name) { return std::string(name); });
  const Value value = row.get(Settings{});
  if (std::holds_alternative<bool>(value)) return "true or false";
  if (std::holds_alternative<std::string>(value)) return "a text";
  if (std::holds_alternative<double>(value)) return "a number" + range_text(row.limits);
  if (std::holds_alternative<WholeNumbers>(value))
    return "a list of whole numbers" + range_text(row.limits);
  return "a whole number" + range_text(row.limits);
}

std::string value_text(const SettingRow& row, const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<double>(&value)) return number_text(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* list = std::get_if<WholeNumbers>(&value))
    return "[" + joined(*list, [](auto n) { return std::to_string(n); }) + "]";
  const auto whole = std::get<std::int64_t>(value);
  if (row.limits.names.empty()) return std::to_string(whole);
  return std::string(row.limits.names.at(static_cast<std::size_t>(whole)));
}

}  // namespace hintd::config
