#pragma once

#include "proxy/console.h"
#include "proxy/proxy.h"

namespace hintd::proxy {

// SHOW hintd.status, .stats, .templates and .policy. The proxy must outlive it.
class Proxy::StatusConsole final : public Console {
 public:
  explicit StatusConsole(const Proxy& proxy) : proxy_(proxy) {}
  std::optional<ConsoleTable> show(std::string_view topic) const override;

 private:
  ConsoleTable status() const;
  ConsoleTable stats() const;
  ConsoleTable templates() const;
  ConsoleTable policy() const;

  const Proxy& proxy_;
};

}  // namespace hintd::proxy
