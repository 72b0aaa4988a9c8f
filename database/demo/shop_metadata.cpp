#include "database/demo/shop_metadata.h"

#include <charconv>
#include <pqxx/pqxx>
#include <string_view>

namespace hintd::database::demo {
namespace {

constexpr std::string_view kRowsPrefix = "rows.";

std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

template <class T>
T parsed(std::string_view text) {
  T value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void record(pqxx::transaction_base& transaction, std::string_view key, std::string_view value) {
  transaction.exec_params("INSERT INTO hintd_shop (key, value) VALUES ($1, $2)", std::string(key),
                          std::string(value));
}

}  // namespace

std::optional<ShopMetadata> read_metadata(pqxx::transaction_base& transaction) {
  const auto table = transaction.exec1("SELECT to_regclass('public.hintd_shop') IS NOT NULL");
  if (!table[0].as<bool>()) return std::nullopt;
  ShopMetadata metadata;
  const auto rows = transaction.exec("SELECT key, value FROM hintd_shop");
  if (rows.empty()) return std::nullopt;
  for (const auto& row : rows) {
    const std::string_view key = row[0].c_str();
    const std::string_view value = row[1].c_str();
    if (key == "scale") metadata.recipe.scale = parsed<double>(value);
    if (key == "seed") metadata.recipe.seed = parsed<std::uint64_t>(value);
    if (key == "complete") metadata.complete = true;
    if (key.starts_with(kRowsPrefix)) {
      metadata.rows[std::string(key.substr(kRowsPrefix.size()))] = parsed<std::int64_t>(value);
    }
  }
  return metadata;
}

void create_metadata(pqxx::transaction_base& transaction, const ShopRecipe& recipe) {
  transaction.exec("CREATE TABLE hintd_shop (key text PRIMARY KEY, value text NOT NULL)");
  record(transaction, "scale", shortest(recipe.scale));
  record(transaction, "seed", std::to_string(recipe.seed));
}

void record_rows(pqxx::transaction_base& transaction, std::string_view table, std::int64_t rows) {
  record(transaction, std::string(kRowsPrefix) + std::string(table), std::to_string(rows));
}

void record_complete(pqxx::transaction_base& transaction) {
  record(transaction, "complete", "true");
}

}  // namespace hintd::database::demo
