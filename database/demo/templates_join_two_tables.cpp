#include "database/demo/workload_template.h"

namespace hintd::database::demo {
namespace {

constexpr WorkloadTemplate kJoinTwoTablesTemplates[] = {
    {"items_of_order", QueryClass::kJoinTwoTables, Shape::kHandsOff, LiteralSource::kOrderItem,
     R"(SELECT p.name, i.quantity, i.unit_price
FROM order_items i JOIN products p ON p.product_id = i.product_id
WHERE i.order_id = {order_id})"},
    {"payments_of_customer", QueryClass::kJoinTwoTables, Shape::kHandsOff,
     LiteralSource::kOrderItem,
     R"(SELECT o.order_id, p.method, p.status, p.amount, p.paid_at
FROM orders o JOIN payments p ON p.order_id = o.order_id
WHERE o.customer_id = {customer_id} AND o.ordered_at >= '{month}'
  AND o.ordered_at < timestamp '{month}' + interval '1 month')"},
    {"first_orders_of_signups", QueryClass::kJoinTwoTables, Shape::kLimit,
     LiteralSource::kOrderItem,
     R"(SELECT o.order_id, o.ordered_at, o.total_amount, c.customer_id, c.full_name
FROM customers c JOIN orders o ON o.customer_id = c.customer_id
WHERE c.signed_up_on >= '{signed_up_month}'
  AND c.signed_up_on < date '{signed_up_month}' + interval '1 month'
ORDER BY o.ordered_at, o.order_id LIMIT 10)"},
    {"city_customers_by_segment", QueryClass::kJoinTwoTables, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT c.segment, count(*) AS customers, min(c.signed_up_on) AS first_one
FROM cities ci JOIN customers c ON c.city_id = ci.city_id
WHERE ci.name = '{city}' AND c.birth_year BETWEEN {birth_year} AND {birth_year} + 15
GROUP BY c.segment)"},
    {"carrier_parcels_by_status", QueryClass::kJoinTwoTables, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT s.status, count(*) AS parcels
FROM carriers ca JOIN shipments s ON s.carrier_id = ca.carrier_id
WHERE ca.name = '{carrier}' AND s.shipped_at >= '{quarter}'
  AND s.shipped_at < timestamp '{quarter}' + interval '3 months'
GROUP BY s.status)"},
    {"leaf_reviews_by_rating", QueryClass::kJoinTwoTables, Shape::kFanOut, LiteralSource::kReview,
     R"(SELECT r.rating, count(*) AS reviews
FROM products p JOIN reviews r ON r.product_id = p.product_id
WHERE p.category_id = {leaf_id} AND r.written_at >= '{year}-01-01'
GROUP BY r.rating)"},
    {"leaf_events_by_kind", QueryClass::kJoinTwoTables, Shape::kFanOut, LiteralSource::kEvent,
     R"(SELECT e.kind, count(*) AS events, count(DISTINCT e.customer_id) AS customers
FROM products p JOIN events e ON e.product_id = p.product_id
WHERE p.category_id = {leaf_id} AND e.channel = '{channel}' AND e.happened_at >= '{quarter}'
GROUP BY e.kind)"},
    {"segment_orders_of_quarter", QueryClass::kJoinTwoTables, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT o.status, count(*) AS orders, sum(o.total_amount) AS revenue
FROM customers c JOIN orders o ON o.customer_id = c.customer_id
WHERE c.segment = '{segment}' AND c.country_id = {country_id}
  AND o.ordered_at >= '{quarter}' AND o.ordered_at < timestamp '{quarter}' + interval '3 months'
GROUP BY o.status)"},
    {"newcomers_without_order", QueryClass::kJoinTwoTables, Shape::kSubquery,
     LiteralSource::kOrderItem,
     R"(SELECT c.segment, count(*) AS customers
FROM customers c
WHERE c.signed_up_on >= '{signed_up_month}' AND c.country_id = {country_id}
  AND NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.customer_id
                  AND o.ordered_at < c.signed_up_on + interval '60 days')
GROUP BY c.segment)"},
    {"forgotten_orders", QueryClass::kJoinTwoTables, Shape::kExpression, LiteralSource::kOrderItem,
     R"(SELECT o.order_id, o.ordered_at, o.total_amount, p.method, p.paid_at
FROM orders o JOIN payments p ON p.order_id = o.order_id
WHERE o.status = 'processing' AND p.status = 'captured' AND p.method = '{method}'
  AND o.ordered_at < '{quarter}')"},
    {"slow_payers_of_month", QueryClass::kJoinTwoTables, Shape::kExpression,
     LiteralSource::kOrderItem,
     R"(SELECT p.method, count(*) AS payments, sum(p.amount) AS amount
FROM orders o JOIN payments p ON p.order_id = o.order_id
WHERE p.paid_at - o.ordered_at > interval '6 hours'
  AND date_trunc('month', o.ordered_at) = '{month}'
GROUP BY p.method)"},
    {"promotion_orders_by_channel", QueryClass::kJoinTwoTables, Shape::kHandsOff,
     LiteralSource::kOrderItem,
     R"(SELECT o.channel, o.status, count(*) AS orders, sum(o.total_amount) AS revenue
FROM promotions pr JOIN orders o ON o.promotion_id = pr.promotion_id
WHERE pr.code = '{promotion}'
GROUP BY o.channel, o.status)"},
};

}  // namespace

std::span<const WorkloadTemplate> join_two_tables_templates() {
  return kJoinTwoTablesTemplates;
}

}  // namespace hintd::database::demo
