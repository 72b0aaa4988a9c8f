#include "learning/agent/checkpoint_codec.h"

#include <bit>
#include <cstring>
#include <set>
#include <type_traits>

#include "core/features.h"

namespace hintd::learning {
namespace {

static_assert(std::endian::native == std::endian::little, "checkpoints are little-endian");

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

class Writer {
 public:
  template <class T>
  void put(const T& value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  template <class T>
  void put_all(const T& values) {
    put<std::uint64_t>(values.size());
    for (const auto& value : values) put(value);
  }
  void put_text(std::string_view text) {
    put<std::uint64_t>(text.size());
    bytes_ += text;
  }
  void put_experience(const Experience& experience) {
    const auto& transition = experience.transition;
    put(transition.fingerprint);
    put(transition.arm);
    put(experience.heads);
    put(transition.cost);
    put(transition.censored);
    put_features(transition.state);
    put(transition.next_state.has_value());
    if (transition.next_state) put_features(*transition.next_state);
  }

  std::string take() { return std::move(bytes_); }

 private:
  void put_features(const FeatureVector& features) {
    for (const float feature : features) put(feature);
  }

  std::string bytes_;
};

// Past the end it reads zeros and remembers.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T get() {
    static_assert(std::is_arithmetic_v<T>);
    T value{};
    if (const auto raw = take(sizeof(T)); !raw.empty()) std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  bool get_flag() { return get<std::uint8_t>() != 0; }
  // Number of things that follow, each of at least `least_size` bytes.
  std::uint64_t get_count(std::size_t least_size) {
    const auto count = get<std::uint64_t>();
    if (count <= bytes_.size() / least_size) return count;
    failed_ = true;
    return 0;
  }
  template <class T>
  std::vector<T> get_all() {
    std::vector<T> values(get_count(sizeof(T)));
    for (auto& value : values) value = get<T>();
    return values;
  }
  std::string get_text() { return std::string(take(get_count(1))); }
  Experience get_experience() {
    Experience experience;
    auto& transition = experience.transition;
    transition.fingerprint = get<std::uint64_t>();
    transition.arm = get<ArmId>();
    experience.heads = get<std::uint16_t>();
    transition.cost = get<float>();
    transition.censored = get_flag();
    transition.state = get_features();
    if (get_flag()) transition.next_state = get_features();
    return experience;
  }

  // Everything was there, and nothing else.
  bool finished() const { return !failed_ && bytes_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  FeatureVector get_features() {
    FeatureVector features;
    for (auto& feature : features) feature = get<float>();
    return features;
  }

  std::string_view bytes_;
  bool failed_ = false;
};

std::string encode_payload(const Checkpoint& checkpoint) {
  Writer out;
  out.put<std::uint64_t>(checkpoint.arm_names.size());
  for (const auto& name : checkpoint.arm_names) out.put_text(name);
  out.put_all(checkpoint.hidden_sizes);
  out.put(checkpoint.heads);
  const auto& network = checkpoint.network;
  for (const auto* flat : {&network.weights, &network.target, &network.prior, &network.adam_mean,
                           &network.adam_square}) {
    out.put_all(*flat);
  }
  out.put(network.steps);
  out.put<std::uint64_t>(checkpoint.replay.size());
  for (const auto& experience : checkpoint.replay) out.put_experience(experience);
  for (const auto word : checkpoint.rng) out.put(word);
  out.put(checkpoint.observations);
  return out.take();
}

constexpr std::size_t kLeastTextSize = sizeof(std::uint64_t);
constexpr std::size_t kLeastExperienceSize = kFeatureCount * sizeof(float);

Checkpoint decode_payload(Reader& in) {
  Checkpoint checkpoint;
  checkpoint.arm_names.resize(in.get_count(kLeastTextSize));
  for (auto& name : checkpoint.arm_names) name = in.get_text();
  checkpoint.hidden_sizes = in.get_all<int>();
  checkpoint.heads = in.get<int>();
  auto& network = checkpoint.network;
  for (auto* flat : {&network.weights, &network.target, &network.prior, &network.adam_mean,
                     &network.adam_square}) {
    *flat = in.get_all<float>();
  }
  network.steps = in.get<std::int64_t>();
  checkpoint.replay.resize(in.get_count(kLeastExperienceSize));
  for (auto& experience : checkpoint.replay) experience = in.get_experience();
  for (auto& word : checkpoint.rng) word = in.get<std::uint64_t>();
  checkpoint.observations = in.get<std::int64_t>();
  return checkpoint;
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
  const auto payload = encode_payload(checkpoint);
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
  Reader in(payload);
  auto checkpoint = decode_payload(in);
  if (!in.finished() || !is_consistent(checkpoint)) {
    return unusable(ErrorKind::kCorrupt, name, "contradicts itself");
  }
  return checkpoint;
}

}  // namespace hintd::learning
