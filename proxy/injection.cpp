#include "proxy/injection.h"

#include "proxy/wire.h"

namespace hintd::proxy {
namespace {

std::string parse_message(const std::string& statement, const std::string& sql) {
  MessageWriter writer;
  writer.begin('P');
  writer.text(statement);
  writer.text(sql);
  writer.u16(0);  // no parameters
  writer.end();
  return writer.take();
}

std::string bind_and_execute(const std::string& statement) {
  constexpr std::string_view kPortal = "_hintd";
  MessageWriter writer;
  writer.begin('B');
  writer.text(kPortal);
  writer.text(statement);
  writer.u16(0);  // formats and values of parameters, formats of columns: none
  writer.u16(0);
  writer.u16(0);
  writer.end();
  writer.begin('E');
  writer.text(kPortal);
  writer.u32(0);  // all rows
  writer.end();
  return writer.take();
}

}  // namespace

Injections::Injections(const HintCatalogue& catalogue) {
  for (const auto& set : catalogue.sets()) {
    const auto name = "_hintd_" + std::to_string(arms_.size());
    arms_.push_back({set.name, set.set_local_sql(), static_cast<int>(set.settings.size()),
                     parse_message(name, set.set_config_sql()), bind_and_execute(name)});
  }
}

}  // namespace hintd::proxy
