#include "proxy/conversation.h"

namespace hintd::proxy {
namespace {

bool may_begin_batch(char type) {
  return type == 'P' || type == 'B' || type == 'D' || type == 'C';
}

}  // namespace

std::size_t Conversation::hint_batch(std::string_view bytes, Outbox& out) {
  const bool possible = stage_ == Stage::kReady && worker_.steering() && !bypassed_ && !off_ &&
                        !batch_refused_ && client_frames_.between_messages() &&
                        may_begin_batch(bytes.front()) && may_hint_here();
  if (!possible) return 0;
  const auto as_it_is = [&] {
    batch_refused_ = true;
    return std::size_t{0};
  };

  const auto batch = read_batch(bytes, kMaxWhole);
  if (batch.shape == Batch::Shape::kOther) return as_it_is();
  std::shared_ptr<const KnownStatement> statement;
  if (batch.parse && (!batch.bind || batch.binds_own_parse()))
    statement = worker_.statement(batch.parse->text);
  else if (const auto* known = batch.bind ? statements_.find(batch.bind->statement) : nullptr)
    statement = *known;
  if (statement == nullptr)
    return batch.shape == Batch::Shape::kUnfinished && !batch.bind ? 0 : as_it_is();
  if (statement->eligibility != Eligibility::kEligible) return as_it_is();
  if (!batch.bind) return kWait;

  auto choice = choose(statement.get(), bound_literals(statement.get(), batch.bind->body));
  // Without parameters the plan is kept with the statement. That of the unnamed one is parsed anew
  // before it is used again; a named one is left alone.
  const bool unnamed = batch.bind->statement.empty() && batch.binds_own_parse();
  const bool keeps_plan = !statement->query_template()->parameters && !unnamed;
  if (choice.hint() && keeps_plan) not_applied(choice, PassReason::kNoParameters);
  batch_choice_ = choice;
  if (!choice.hint()) return as_it_is();
  if (batch.shape == Batch::Shape::kUnfinished) return kWait;
  if (!worker_.still_stands(*statement, *batch_choice_)) return as_it_is();
  run_by_attempts(batch.bytes, true, std::move(statement), choice, out);
  return batch.bytes.size();
}

void Conversation::send_batch(std::string_view bytes, const Attempt& attempt, Outbox& out) {
  batch_choice_ = choice_of_attempt();
  if (attempt.hinted()) {
    const auto& arm = worker_.parts().injections[attempt.arm];
    push(InFlight::Kind::kInjected);
    if (prepared_arms_.insert(attempt.arm).second) out.to_server.refer(arm.parse);
    out.to_server.refer(arm.set);
  }
  note_batch(bytes, out);
  const bool keeps_plan = !guarded_->statement->query_template()->parameters;
  if (!attempt.hinted() || !keeps_plan) return;
  if (const auto batch = read_batch(bytes, kMaxWhole); batch.parse) {
    unnamed_planned_ = true;
    unnamed_parse_ = batch.parse->message;
  }
}

// Every message as if it came alone.
void Conversation::note_batch(std::string_view bytes, Outbox& out) {
  FrameScanner frames;
  while (!bytes.empty()) {
    const auto frame = frames.next(
        bytes, [](char) { return true; }, kMaxWhole);
    on_client_frame(frame, out);
    bytes.remove_prefix(frame.bytes.size());
  }
}

}  // namespace hintd::proxy
