#include "database/demo/workload_template.h"

namespace hintd::database::demo {
namespace {

constexpr WorkloadTemplate kSelectSimpleTemplates[] = {
    {"customer_by_id", QueryClass::kSelectSimple, Shape::kHandsOff, LiteralSource::kOrderItem,
     R"(SELECT full_name, email, segment, signed_up_on
FROM customers WHERE customer_id = {customer_id})"},
    {"order_by_id", QueryClass::kSelectSimple, Shape::kHandsOff, LiteralSource::kOrderItem,
     R"(SELECT ordered_at, status, channel, total_amount
FROM orders WHERE order_id = {order_id})"},
    {"product_by_id", QueryClass::kSelectSimple, Shape::kHandsOff, LiteralSource::kEvent,
     R"(SELECT name, price, status, launched_on
FROM products WHERE product_id = {product_id})"},
    {"recent_orders_of_customer", QueryClass::kSelectSimple, Shape::kHandsOff,
     LiteralSource::kOrderItem,
     R"(SELECT order_id, ordered_at, status, total_amount
FROM orders WHERE customer_id = {customer_id}
ORDER BY ordered_at DESC, order_id DESC LIMIT 20)"},
    {"products_by_name", QueryClass::kSelectSimple, Shape::kHandsOff, LiteralSource::kStock,
     R"(SELECT product_id, name, price
FROM products WHERE name LIKE '%{leaf}%' AND status = 'active'
ORDER BY price, product_id LIMIT 20)"},
    {"oldest_orders_in_status", QueryClass::kSelectSimple, Shape::kHandsOff, LiteralSource::kStatus,
     R"(SELECT order_id, customer_id, ordered_at, total_amount
FROM orders WHERE status = '{status}' AND channel = '{channel}'
ORDER BY ordered_at, order_id LIMIT 25)"},
    {"oldest_open_orders_above", QueryClass::kSelectSimple, Shape::kLimit,
     LiteralSource::kOrderItem,
     R"(SELECT order_id, customer_id, ordered_at, total_amount
FROM orders WHERE status IN ('pending', 'shipped') AND total_amount >= {unit_price}
ORDER BY ordered_at, order_id LIMIT 10)"},
    {"oldest_parcels_in_transit", QueryClass::kSelectSimple, Shape::kLimit,
     LiteralSource::kOrderItem,
     R"(SELECT shipment_id, order_id, carrier_id, shipped_at, promised_at
FROM shipments WHERE status = 'in transit' AND warehouse_id = {warehouse_id}
ORDER BY shipped_at, shipment_id LIMIT 3)"},
    {"recent_heavy_signups", QueryClass::kSelectSimple, Shape::kLimit, LiteralSource::kOrderItem,
     R"(SELECT customer_id, full_name, segment, signed_up_on
FROM customers WHERE signed_up_on >= '{signed_up_month}' AND segment <> 'consumer'
ORDER BY customer_id LIMIT 20)"},
    {"late_deliveries_of_week", QueryClass::kSelectSimple, Shape::kExpression,
     LiteralSource::kOrderItem,
     R"(SELECT carrier_id, count(*) AS parcels, max(delivered_at - promised_at) AS worst
FROM shipments
WHERE delivered_at - promised_at > interval '5 days'
  AND shipped_at >= '{week}' AND shipped_at < timestamp '{week}' + interval '7 days'
GROUP BY carrier_id)"},
    {"events_of_customer_in_month", QueryClass::kSelectSimple, Shape::kHandsOff,
     LiteralSource::kEvent,
     R"(SELECT event_id, product_id, kind, happened_at
FROM events WHERE customer_id = {customer_id}
  AND happened_at >= '{month}' AND happened_at < timestamp '{month}' + interval '1 month'
ORDER BY happened_at DESC, event_id DESC LIMIT 50)"},
};

}  // namespace

std::span<const WorkloadTemplate> select_simple_templates() {
  return kSelectSimpleTemplates;
}

}  // namespace hintd::database::demo
