#include "database/demo/literal_rows.h"

#include <pqxx/pqxx>

#include "core/rng.h"
#include "database/demo/shop_metadata.h"
#include "database/demo/sql_errors.h"

namespace hintd::database::demo {
namespace {

constexpr int kRowsPerSource = 2'000;

// {ids} are random keys of the fact table; every key from 1 to its maximum exists.
struct SourceQuery {
  LiteralSource source;
  std::string_view key_range;
  std::string_view sql;
};

constexpr SourceQuery kSources[] = {
    {LiteralSource::kOrderItem, "SELECT max(order_item_id) FROM order_items",
     R"(SELECT i.order_item_id, o.order_id, o.customer_id, i.product_id, i.unit_price,
       o.status, o.channel,
       date_trunc('week', o.ordered_at)::date AS week,
       date_trunc('month', o.ordered_at)::date AS month,
       date_trunc('quarter', o.ordered_at)::date AS quarter,
       extract(year FROM o.ordered_at)::int AS year,
       leaf.category_id AS leaf_id, leaf.name AS leaf, middle.name AS middle, root.name AS root,
       b.name AS brand, origin.name AS supplier_country,
       co.country_id, co.name AS country, co.code AS country_code, ci.name AS city,
       c.segment, c.birth_year, date_trunc('month', c.signed_up_on)::date AS signed_up_month,
       p.method, ca.name AS carrier, w.warehouse_id, w.name AS warehouse, pr.code AS promotion
FROM order_items i
JOIN orders o USING (order_id)
JOIN customers c USING (customer_id)
JOIN countries co USING (country_id)
JOIN cities ci ON ci.city_id = c.city_id
JOIN products pd USING (product_id)
JOIN categories leaf USING (category_id)
JOIN categories middle ON middle.category_id = leaf.parent_id
JOIN categories root ON root.category_id = leaf.root_id
JOIN brands b USING (brand_id)
JOIN suppliers su USING (supplier_id)
JOIN countries origin ON origin.country_id = su.country_id
JOIN LATERAL (SELECT method FROM payments WHERE order_id = o.order_id
              ORDER BY payment_id LIMIT 1) p ON true
LEFT JOIN shipments s ON s.order_id = o.order_id
LEFT JOIN carriers ca USING (carrier_id)
LEFT JOIN warehouses w ON w.warehouse_id = s.warehouse_id
LEFT JOIN promotions pr ON pr.promotion_id = o.promotion_id
WHERE i.order_item_id = ANY('{ids}') ORDER BY i.order_item_id)"},
    {LiteralSource::kEvent, "SELECT max(event_id) FROM events",
     R"(SELECT e.event_id, e.customer_id, e.product_id, e.kind, e.channel,
       date_trunc('month', e.happened_at)::date AS month,
       date_trunc('quarter', e.happened_at)::date AS quarter,
       leaf.category_id AS leaf_id, leaf.name AS leaf, root.name AS root
FROM events e
JOIN products p USING (product_id)
JOIN categories leaf USING (category_id)
JOIN categories root ON root.category_id = leaf.root_id
WHERE e.event_id = ANY('{ids}') ORDER BY e.event_id)"},
    {LiteralSource::kReview, "SELECT max(review_id) FROM reviews",
     R"(SELECT r.review_id, r.rating, date_trunc('quarter', r.written_at)::date AS quarter,
       extract(year FROM r.written_at)::int AS year,
       leaf.category_id AS leaf_id, leaf.name AS leaf, root.name AS root, c.country_id
FROM reviews r
JOIN customers c USING (customer_id)
JOIN products p USING (product_id)
JOIN categories leaf USING (category_id)
JOIN categories root ON root.category_id = leaf.root_id
WHERE r.review_id = ANY('{ids}') ORDER BY r.review_id)"},
    {LiteralSource::kStock, "SELECT max(product_id) FROM products",
     R"(SELECT p.product_id, v.warehouse_id, v.reorder_level,
       date_trunc('month', v.counted_on)::date AS counted_month,
       leaf.category_id AS leaf_id, leaf.name AS leaf, root.name AS root,
       co.name AS supplier_country
FROM products p
JOIN inventory v USING (product_id)
JOIN categories leaf USING (category_id)
JOIN categories root ON root.category_id = leaf.root_id
JOIN suppliers s USING (supplier_id)
JOIN countries co ON co.country_id = s.country_id
WHERE p.product_id = ANY('{ids}') ORDER BY p.product_id, v.warehouse_id)"},
    {LiteralSource::kMarket, "SELECT 1",
     R"(SELECT co.country_id, co.name AS country, co.code AS country_code, root.name AS root,
       quarter::date AS quarter
FROM countries co
CROSS JOIN generate_series(timestamp '2022-01-01', '2024-04-01', '3 months') quarter
CROSS JOIN categories root
WHERE root.depth = 0 ORDER BY co.country_id, quarter, root.category_id)"},
    {LiteralSource::kStatus, "SELECT 1",
     R"(SELECT status, channel FROM orders GROUP BY status, channel ORDER BY status, channel)"},
};

std::string random_ids(Rng rng, std::int64_t max_id) {
  std::string ids = "{";
  for (int i = 0; i < kRowsPerSource; ++i) {
    if (i > 0) ids += ',';
    ids += std::to_string(rng.between(1, max_id));
  }
  return ids + "}";
}

std::string with_ids(std::string_view sql, const std::string& ids) {
  const auto names = holes(sql);
  return names.empty() ? std::string(sql) : filled(sql, names, {ids});
}

LiteralRows read_rows(const pqxx::result& result) {
  LiteralRows literals;
  for (pqxx::row_size_type column = 0; column < result.columns(); ++column) {
    literals.columns.emplace_back(result.column_name(column));
  }
  for (const auto& row : result) {
    auto& values = literals.rows.emplace_back();
    for (const auto& field : row) {
      values.push_back(field.is_null() ? std::optional<std::string>{} : field.c_str());
    }
  }
  return literals;
}

Result<LiteralSources> read_sources(const std::string& dsn, std::uint64_t seed) {
  pqxx::connection connection(dsn);
  pqxx::read_transaction transaction(connection);
  const auto metadata = read_metadata(transaction);
  if (!metadata || !metadata->complete) {
    return fail(ErrorKind::kNotFound, "the database holds no complete shop",
                "load it with hintd setup");
  }
  LiteralSources sources;
  const Rng rng(seed);
  for (const auto& query : kSources) {
    const auto max_id = transaction.exec1(std::string(query.key_range))[0].as<std::int64_t>();
    const auto ids = random_ids(rng.split(to_string(query.source)), max_id);
    sources[static_cast<std::size_t>(query.source)] =
        read_rows(transaction.exec(with_ids(query.sql, ids)));
  }
  return sources;
}

}  // namespace

Result<LiteralSources> read_literal_sources(const std::string& dsn, std::uint64_t seed) {
  return catching_sql_errors("read the literals of the workload",
                             [&] { return read_sources(dsn, seed); });
}

}  // namespace hintd::database::demo
