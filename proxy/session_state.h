// What the proxy keeps of a session: what its client prepared, and what its server reported.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proxy/hint_mode.h"
#include "proxy/worker.h"

namespace hintd::proxy {

// A client's prepared statements, or its portals, by name; the unnamed one at hand. Bounded: past
// the limit all are forgotten, and what is not known is not hinted.
template <class T>
class ByName {
 public:
  const T* find(std::string_view name) const {
    if (name.empty()) return unnamed_set_ ? &unnamed_ : nullptr;
    const auto it = named_.find(name);
    return it == named_.end() ? nullptr : &it->second;
  }
  void set(std::string_view name, T value) {
    if (name.empty()) {
      unnamed_ = std::move(value);
      unnamed_set_ = true;
      return;
    }
    if (named_.size() >= kMaxNames) named_.clear();
    named_.insert_or_assign(std::string(name), std::move(value));
  }
  void erase(std::string_view name) {
    if (name.empty()) {
      unnamed_set_ = false;
      unnamed_ = {};
    } else if (const auto it = named_.find(name); it != named_.end()) {
      named_.erase(it);
    }
  }
  void clear() {
    erase("");
    named_.clear();
  }

 private:
  static constexpr std::size_t kMaxNames = 10'000;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>{}(name);
    }
  };

  T unnamed_{};
  bool unnamed_set_ = false;
  std::unordered_map<std::string, T, Hash, std::equal_to<>> named_;
};

struct Portal {
  std::shared_ptr<const KnownStatement> statement;
  Choice choice;
};

// What the server reports of itself (ParameterStatus) that decides whether text may be touched.
struct ReportedSettings {
  bool standard_strings = true;
  bool safe_encoding = true;  // no byte of a multibyte character looks like ASCII
  std::string application;

  void note(std::string_view name, std::string_view value);
};

// Who the client is, from its startup packet.
struct ClientFacts {
  std::string user;
  std::string database;
  std::string application;
  bool replication = false;
  HintMode mode = HintMode::kOn;  // that it asked for
};

}  // namespace hintd::proxy
