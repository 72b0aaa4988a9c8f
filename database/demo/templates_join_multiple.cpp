#include "database/demo/workload_template.h"

namespace hintd::database::demo {
namespace {

constexpr WorkloadTemplate kJoinMultipleTemplates[] = {
    {"invoice", QueryClass::kJoinMultiple, Shape::kHandsOff, LiteralSource::kOrderItem,
     R"(SELECT o.order_id, c.full_name, a.street, a.postal_code, p.name, i.quantity, i.unit_price
FROM orders o
JOIN customers c ON c.customer_id = o.customer_id
JOIN addresses a ON a.address_id = o.address_id
JOIN order_items i ON i.order_id = o.order_id
JOIN products p ON p.product_id = i.product_id
WHERE o.order_id = {order_id})"},
    {"order_tracking", QueryClass::kJoinMultiple, Shape::kHandsOff, LiteralSource::kOrderItem,
     R"(SELECT o.status, s.status, s.shipped_at, s.promised_at, ca.name, w.name, ci.name
FROM orders o
JOIN addresses a ON a.address_id = o.address_id
JOIN cities ci ON ci.city_id = a.city_id
JOIN shipments s ON s.order_id = o.order_id
JOIN carriers ca ON ca.carrier_id = s.carrier_id
JOIN warehouses w ON w.warehouse_id = s.warehouse_id
WHERE o.order_id = {order_id})"},
    {"customer_history", QueryClass::kJoinMultiple, Shape::kHandsOff, LiteralSource::kOrderItem,
     R"(SELECT o.order_id, o.ordered_at, o.status, p.name, i.quantity, i.unit_price
FROM orders o
JOIN order_items i ON i.order_id = o.order_id
JOIN products p ON p.product_id = i.product_id
WHERE o.customer_id = {customer_id}
ORDER BY o.ordered_at DESC, i.order_item_id LIMIT 20)"},
    {"browsing_of_customer", QueryClass::kJoinMultiple, Shape::kHandsOff, LiteralSource::kEvent,
     R"(SELECT ca.name, count(*) AS events, max(e.happened_at) AS last_one
FROM events e
JOIN products p ON p.product_id = e.product_id
JOIN categories ca ON ca.category_id = p.category_id
WHERE e.customer_id = {customer_id} AND e.kind = '{kind}'
GROUP BY ca.name)"},
    {"brand_sales_of_week", QueryClass::kJoinMultiple, Shape::kHandsOff, LiteralSource::kOrderItem,
     R"(SELECT p.product_id, p.name, sum(i.quantity) AS pieces
FROM brands b
JOIN products p ON p.brand_id = b.brand_id
JOIN order_items i ON i.product_id = p.product_id
JOIN orders o ON o.order_id = i.order_id
WHERE b.name = '{brand}' AND o.ordered_at >= '{week}'
  AND o.ordered_at < timestamp '{week}' + interval '7 days'
GROUP BY p.product_id, p.name)"},
    {"latest_orders_of_leaf_and_country", QueryClass::kJoinMultiple, Shape::kLimit,
     LiteralSource::kOrderItem,
     R"(SELECT o.order_id, o.ordered_at, c.full_name, p.name, i.quantity
FROM orders o
JOIN customers c ON c.customer_id = o.customer_id
JOIN countries co ON co.country_id = c.country_id
JOIN order_items i ON i.order_id = o.order_id
JOIN products p ON p.product_id = i.product_id
JOIN categories ca ON ca.category_id = p.category_id
WHERE ca.name = '{leaf}' AND co.name = '{country}'
ORDER BY o.ordered_at DESC, o.order_id DESC, i.order_item_id LIMIT 10)"},
    {"latest_returns_of_middle", QueryClass::kJoinMultiple, Shape::kLimit,
     LiteralSource::kOrderItem,
     R"(SELECT o.order_id, o.ordered_at, p.name, i.unit_price
FROM orders o
JOIN order_items i ON i.order_id = o.order_id
JOIN products p ON p.product_id = i.product_id
JOIN categories leaf ON leaf.category_id = p.category_id
JOIN categories middle ON middle.category_id = leaf.parent_id
WHERE middle.name = '{middle}' AND o.status = 'returned'
ORDER BY o.ordered_at DESC, o.order_id DESC, i.order_item_id LIMIT 20)"},
    {"country_orders_by_status", QueryClass::kJoinMultiple, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT o.status, count(*) AS orders, sum(o.total_amount) AS revenue
FROM countries co
JOIN customers c ON c.country_id = co.country_id
JOIN orders o ON o.customer_id = c.customer_id
WHERE co.name = '{country}' AND o.channel = '{channel}'
GROUP BY o.status)"},
    {"root_items_by_channel", QueryClass::kJoinMultiple, Shape::kFanOut, LiteralSource::kOrderItem,
     R"(SELECT o.channel, count(*) AS items, sum(i.quantity * i.unit_price) AS revenue
FROM categories root
JOIN categories ca ON ca.root_id = root.category_id
JOIN products p ON p.category_id = ca.category_id
JOIN order_items i ON i.product_id = p.product_id
JOIN orders o ON o.order_id = i.order_id
WHERE root.name = '{root}' AND o.status = '{status}' AND o.ordered_at >= '{quarter}'
GROUP BY o.channel)"},
    {"app_shipments_of_root_in_month", QueryClass::kJoinMultiple, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT s.status, count(*) AS parcels
FROM categories root
JOIN categories ca ON ca.root_id = root.category_id
JOIN products p ON p.category_id = ca.category_id
JOIN order_items i ON i.product_id = p.product_id
JOIN orders o ON o.order_id = i.order_id
JOIN shipments s ON s.order_id = o.order_id
WHERE root.name = '{root}' AND o.channel = 'app'
  AND o.ordered_at >= '{month}' AND o.ordered_at < timestamp '{month}' + interval '1 month'
GROUP BY s.status)"},
    {"late_shipments_of_carrier_by_country", QueryClass::kJoinMultiple, Shape::kExpression,
     LiteralSource::kOrderItem,
     R"(SELECT co.name, count(*) AS late
FROM carriers ca
JOIN shipments s ON s.carrier_id = ca.carrier_id
JOIN orders o ON o.order_id = s.order_id
JOIN customers c ON c.customer_id = o.customer_id
JOIN countries co ON co.country_id = c.country_id
WHERE ca.name = '{carrier}' AND s.delivered_at > s.promised_at + interval '2 days'
  AND s.shipped_at >= '{quarter}'
GROUP BY co.name)"},
    {"bad_reviews_of_root", QueryClass::kJoinMultiple, Shape::kFanOut, LiteralSource::kReview,
     R"(SELECT b.name, count(*) AS reviews
FROM categories root
JOIN categories ca ON ca.root_id = root.category_id
JOIN products p ON p.category_id = ca.category_id
JOIN brands b ON b.brand_id = p.brand_id
JOIN reviews r ON r.product_id = p.product_id
WHERE root.name = '{root}' AND r.rating <= 2 AND r.written_at >= '{quarter}'
GROUP BY b.name)"},
    {"carts_of_root_by_country", QueryClass::kJoinMultiple, Shape::kFanOut, LiteralSource::kEvent,
     R"(SELECT co.name, count(*) AS carts
FROM categories root
JOIN categories ca ON ca.root_id = root.category_id
JOIN products p ON p.category_id = ca.category_id
JOIN events e ON e.product_id = p.product_id
JOIN customers c ON c.customer_id = e.customer_id
JOIN countries co ON co.country_id = c.country_id
WHERE root.name = '{root}' AND e.kind = 'cart' AND e.happened_at >= '{quarter}'
  AND e.happened_at < timestamp '{quarter}' + interval '3 months'
GROUP BY co.name)"},
    {"failed_payments_of_country", QueryClass::kJoinMultiple, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT p.method, count(*) AS failures, sum(p.amount) AS amount
FROM countries co
JOIN customers c ON c.country_id = co.country_id
JOIN orders o ON o.customer_id = c.customer_id
JOIN payments p ON p.order_id = o.order_id
WHERE co.name = '{country}' AND p.status = 'failed' AND o.channel = '{channel}'
GROUP BY p.method)"},
    {"stock_from_supplier_country", QueryClass::kJoinMultiple, Shape::kHandsOff,
     LiteralSource::kStock,
     R"(SELECT w.name, sum(v.quantity) AS pieces, count(*) AS products
FROM countries co
JOIN suppliers s ON s.country_id = co.country_id
JOIN products p ON p.supplier_id = s.supplier_id
JOIN inventory v ON v.product_id = p.product_id
JOIN warehouses w ON w.warehouse_id = v.warehouse_id
WHERE co.name = '{supplier_country}' AND p.category_id = {leaf_id}
GROUP BY w.name)"},
    {"returns_from_city", QueryClass::kJoinMultiple, Shape::kFanOut, LiteralSource::kOrderItem,
     R"(SELECT p.category_id, count(*) AS items
FROM cities ci
JOIN addresses a ON a.city_id = ci.city_id
JOIN orders o ON o.address_id = a.address_id
JOIN order_items i ON i.order_id = o.order_id
JOIN products p ON p.product_id = i.product_id
WHERE ci.name = '{city}' AND a.country_code = '{country_code}' AND o.status = 'returned'
GROUP BY p.category_id)"},
    {"warehouse_parcels_of_country", QueryClass::kJoinMultiple, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT s.status, count(*) AS parcels, max(s.shipped_at) AS last_one
FROM warehouses w
JOIN shipments s ON s.warehouse_id = w.warehouse_id
JOIN orders o ON o.order_id = s.order_id
JOIN customers c ON c.customer_id = o.customer_id
JOIN countries co ON co.country_id = c.country_id
WHERE w.name = '{warehouse}' AND co.name = '{country}' AND o.ordered_at >= '{quarter}'
GROUP BY s.status)"},
    {"market_payments_by_method", QueryClass::kJoinMultiple, Shape::kFanOut, LiteralSource::kMarket,
     R"(SELECT p.method, p.status, count(*) AS payments, sum(p.amount) AS amount
FROM countries co
JOIN customers c ON c.country_id = co.country_id
JOIN orders o ON o.customer_id = c.customer_id
JOIN payments p ON p.order_id = o.order_id
WHERE co.name = '{country}' AND o.ordered_at >= '{quarter}'
GROUP BY p.method, p.status)"},
    {"market_events_of_root", QueryClass::kJoinMultiple, Shape::kFanOut, LiteralSource::kMarket,
     R"(SELECT e.kind, e.channel, count(*) AS events
FROM countries co
JOIN customers c ON c.country_id = co.country_id
JOIN events e ON e.customer_id = c.customer_id
JOIN products p ON p.product_id = e.product_id
JOIN categories ca ON ca.category_id = p.category_id
JOIN categories root ON root.category_id = ca.root_id
WHERE co.name = '{country}' AND root.name = '{root}' AND e.happened_at >= '{quarter}'
GROUP BY e.kind, e.channel)"},
};

}  // namespace

std::span<const WorkloadTemplate> join_multiple_templates() {
  return kJoinMultipleTemplates;
}

}  // namespace hintd::database::demo
