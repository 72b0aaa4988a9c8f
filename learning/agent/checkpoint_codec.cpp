#include "learning/agent/checkpoint_codec.h"

#include <cstring>
#include <set>

#include "core/byte_codec.h"
#include "core/features.h"
#include "core/rng.h"

namespace hintd::learning {
namespace {

constexpr std::string_view kMagic = "HINTDQN\n";
constexpr std::uint32_t kVersion = 1;

// What stands before the payload.
struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t feature_count;
  std::uint64_t payload_size;
  std::uint64_t payload_hash;
};
static_assert(sizeof(Header) == 32);

void features_of(auto& io, auto& features) {
  for (auto& feature : features) io.number(feature);
}

// Of the checkpoint that is written or read.
void fields_of(auto& io, auto& checkpoint) {
  io.list(checkpoint.arm_names, [&](auto& name) { io.text(name); });
  io.numbers(checkpoint.hidden_sizes);
  io.number(checkpoint.heads);
  auto& network = checkpoint.network;
  for (auto* flat : {&network.weights, &network.target, &network.prior, &network.adam_mean,
                     &network.adam_square}) {
    io.numbers(*flat);
  }
  io.number(network.steps);
  io.list(checkpoint.replay, [&](auto& experience) {
    auto& transition = experience.transition;
    io.number(transition.fingerprint, transition.arm, experience.heads, transition.cost,
              transition.censored);
    features_of(io, transition.state);
    io.optional(transition.next_state, [&](auto& state) { features_of(io, state); });
  });
  for (auto& word : checkpoint.rng) io.number(word);
  io.number(checkpoint.observations);
}

bool is_consistent(const Checkpoint& checkpoint) {
  const auto within = [](int value, int most) { return value >= 1 && value <= most; };
  const std::set<std::string> names(checkpoint.arm_names.begin(), checkpoint.arm_names.end());
  if (names.empty() || names.size() != checkpoint.arm_names.size()) return false;
  if (!within(checkpoint.heads, kMaxHeads)) return false;
  for (const int size : checkpoint.hidden_sizes) {
    if (!within(size, kMaxHiddenSize)) return false;
  }
  const QShape shape{checkpoint.hidden_sizes, checkpoint.heads,
                     static_cast<int>(checkpoint.arm_names.size()), false};
  const auto& network = checkpoint.network;
  for (const auto* flat :
       {&network.weights, &network.target, &network.adam_mean, &network.adam_square}) {
    if (flat->size() != shape.layout().size()) return false;
  }
  for (const auto& experience : checkpoint.replay) {
    if (experience.transition.arm >= checkpoint.arm_names.size()) return false;
  }
  return network.prior.size() == shape.prior_layout().size();
}

tl::unexpected<Error> unusable(ErrorKind kind, const std::string& name, const std::string& why) {
  return fail(kind, "checkpoint " + name + " " + why,
              "restore it from a copy, or remove it to begin anew");
}

}  // namespace

std::string encode(const Checkpoint& checkpoint) {
  ByteWriter out;
  fields_of(out, checkpoint);
  const auto payload = out.take();
  Header header{{}, kVersion, kFeatureCount, payload.size(), stable_hash(payload)};
  kMagic.copy(header.magic, sizeof(header.magic));
  return std::string(reinterpret_cast<const char*>(&header), sizeof(header)) + payload;
}

Result<Checkpoint> decode(std::string_view bytes, const std::string& name) {
  Header header{};
  if (bytes.size() < sizeof(header) || !bytes.starts_with(kMagic)) {
    return unusable(ErrorKind::kCorrupt, name, "is not one of hintd's");
  }
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.version != kVersion) {
    return unusable(ErrorKind::kConflict, name,
                    "has format " + std::to_string(header.version) + ", this hintd reads " +
                        std::to_string(kVersion));
  }
  const auto payload = bytes.substr(sizeof(header));
  if (payload.size() != header.payload_size || stable_hash(payload) != header.payload_hash) {
    return unusable(ErrorKind::kCorrupt, name, "is cut short or damaged");
  }
  if (header.feature_count != kFeatureCount) {
    return unusable(ErrorKind::kConflict, name,
                    "was learned from " + std::to_string(header.feature_count) +
                        " features, this hintd has " + std::to_string(kFeatureCount));
  }
  ByteReader in(payload);
  Checkpoint checkpoint;
  fields_of(in, checkpoint);
  if (!in.whole() || !is_consistent(checkpoint)) {
    return unusable(ErrorKind::kCorrupt, name, "contradicts itself");
  }
  return checkpoint;
}

}  // namespace hintd::learning
