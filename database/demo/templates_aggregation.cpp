#include "database/demo/workload_template.h"

namespace hintd::database::demo {
namespace {

constexpr WorkloadTemplate kAggregationTemplates[] = {
    {"revenue_by_channel_of_month", QueryClass::kAggregation, Shape::kHandsOff,
     LiteralSource::kOrderItem,
     R"(SELECT channel, count(*) AS orders, sum(total_amount) AS revenue
FROM orders
WHERE ordered_at >= '{month}' AND ordered_at < timestamp '{month}' + interval '1 month'
GROUP BY channel)"},
    {"product_page", QueryClass::kAggregation, Shape::kHandsOff, LiteralSource::kStock,
     R"(SELECT p.name, p.price, b.name, s.name, count(r.review_id) AS reviews,
       round(avg(r.rating), 1) AS rating
FROM products p
JOIN brands b ON b.brand_id = p.brand_id
JOIN suppliers s ON s.supplier_id = p.supplier_id
LEFT JOIN reviews r ON r.product_id = p.product_id
WHERE p.product_id = {product_id}
GROUP BY p.product_id, p.name, p.price, b.name, s.name)"},
    {"payment_scorecard", QueryClass::kAggregation, Shape::kHandsOff, LiteralSource::kOrderItem,
     R"(SELECT method, status, count(*) AS payments, sum(amount) AS amount
FROM payments WHERE paid_at >= '{quarter}'
GROUP BY method, status)"},
    {"top_customers_of_root_in_quarter", QueryClass::kAggregation, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT c.customer_id, c.full_name, sum(i.quantity * i.unit_price) AS spent
FROM categories root
JOIN categories ca ON ca.root_id = root.category_id
JOIN products p ON p.category_id = ca.category_id
JOIN order_items i ON i.product_id = p.product_id
JOIN orders o ON o.order_id = i.order_id
JOIN customers c ON c.customer_id = o.customer_id
WHERE root.name = '{root}' AND o.ordered_at >= '{quarter}'
  AND o.ordered_at < timestamp '{quarter}' + interval '3 months'
GROUP BY c.customer_id, c.full_name
ORDER BY spent DESC, c.customer_id LIMIT 20)"},
    {"bestsellers_of_week", QueryClass::kAggregation, Shape::kExpression, LiteralSource::kOrderItem,
     R"(SELECT p.product_id, p.name, sum(i.quantity) AS pieces
FROM orders o
JOIN order_items i ON i.order_id = o.order_id
JOIN products p ON p.product_id = i.product_id
JOIN categories ca ON ca.category_id = p.category_id
JOIN categories root ON root.category_id = ca.root_id
WHERE date_trunc('week', o.ordered_at) = '{week}' AND root.name = '{root}'
GROUP BY p.product_id, p.name
ORDER BY pieces DESC, p.product_id LIMIT 20)"},
    {"monthly_revenue_of_country", QueryClass::kAggregation, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT date_trunc('month', o.ordered_at) AS month, count(*) AS orders,
       sum(o.total_amount) AS revenue
FROM countries co
JOIN customers c ON c.country_id = co.country_id
JOIN orders o ON o.customer_id = c.customer_id
WHERE co.name = '{country}' AND c.segment = '{segment}' AND o.status = '{status}'
GROUP BY 1)"},
    {"delivery_days_by_carrier", QueryClass::kAggregation, Shape::kFanOut, LiteralSource::kMarket,
     R"(SELECT ca.name, count(*) AS parcels, avg(s.delivered_at - s.shipped_at) AS took
FROM countries co
JOIN customers c ON c.country_id = co.country_id
JOIN orders o ON o.customer_id = c.customer_id
JOIN shipments s ON s.order_id = o.order_id
JOIN carriers ca ON ca.carrier_id = s.carrier_id
WHERE co.name = '{country}' AND s.shipped_at >= '{quarter}'
GROUP BY ca.name)"},
    {"rating_by_brand_of_root", QueryClass::kAggregation, Shape::kFanOut, LiteralSource::kReview,
     R"(SELECT b.brand_id, b.name, count(*) AS reviews, round(avg(r.rating), 2) AS rating
FROM categories root
JOIN categories ca ON ca.root_id = root.category_id
JOIN products p ON p.category_id = ca.category_id
JOIN brands b ON b.brand_id = p.brand_id
JOIN reviews r ON r.product_id = p.product_id
JOIN customers c ON c.customer_id = r.customer_id
WHERE root.name = '{root}' AND r.verified AND c.country_id = {country_id}
GROUP BY b.brand_id, b.name)"},
    {"buyers_by_city", QueryClass::kAggregation, Shape::kFanOut, LiteralSource::kMarket,
     R"(SELECT ci.name, count(DISTINCT o.customer_id) AS buyers, sum(o.total_amount) AS revenue
FROM countries co
JOIN cities ci ON ci.country_id = co.country_id
JOIN addresses a ON a.city_id = ci.city_id
JOIN orders o ON o.address_id = a.address_id
WHERE co.name = '{country}' AND o.ordered_at >= '{quarter}'
GROUP BY ci.name)"},
    {"funnel_of_root_in_month", QueryClass::kAggregation, Shape::kFanOut, LiteralSource::kEvent,
     R"(SELECT e.kind, count(*) AS events, count(DISTINCT e.customer_id) AS customers
FROM categories root
JOIN categories ca ON ca.root_id = root.category_id
JOIN products p ON p.category_id = ca.category_id
JOIN events e ON e.product_id = p.product_id
WHERE root.name = '{root}' AND date_trunc('month', e.happened_at) = '{month}'
GROUP BY e.kind)"},
    {"sales_by_supplier_country", QueryClass::kAggregation, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT s.supplier_id, s.name, sum(i.quantity) AS pieces
FROM countries co
JOIN suppliers s ON s.country_id = co.country_id
JOIN products p ON p.supplier_id = s.supplier_id
JOIN order_items i ON i.product_id = p.product_id
JOIN orders o ON o.order_id = i.order_id
WHERE co.name = '{supplier_country}' AND o.ordered_at >= '{quarter}'
  AND o.ordered_at < timestamp '{quarter}' + interval '3 months'
GROUP BY s.supplier_id, s.name)"},
    {"regulars_of_year", QueryClass::kAggregation, Shape::kExpression, LiteralSource::kOrderItem,
     R"(SELECT c.segment, count(*) AS regulars
FROM (SELECT customer_id FROM orders
      WHERE extract(year FROM ordered_at) = {year} AND channel = '{channel}'
      GROUP BY customer_id HAVING count(*) >= 6) regular
JOIN customers c ON c.customer_id = regular.customer_id
GROUP BY c.segment)"},
    {"market_revenue_by_root", QueryClass::kAggregation, Shape::kFanOut, LiteralSource::kMarket,
     R"(SELECT ca.root_id, count(*) AS items, sum(i.quantity * i.unit_price) AS revenue
FROM countries co
JOIN customers c ON c.country_id = co.country_id
JOIN orders o ON o.customer_id = c.customer_id
JOIN order_items i ON i.order_id = o.order_id
JOIN products p ON p.product_id = i.product_id
JOIN categories ca ON ca.category_id = p.category_id
WHERE co.name = '{country}' AND o.ordered_at >= '{quarter}'
GROUP BY ca.root_id)"},
    {"root_sales_by_month", QueryClass::kAggregation, Shape::kFanOut, LiteralSource::kMarket,
     R"(SELECT date_trunc('month', o.ordered_at) AS month, count(*) AS items,
       sum(i.quantity * i.unit_price) AS revenue
FROM categories root
JOIN categories ca ON ca.root_id = root.category_id
JOIN products p ON p.category_id = ca.category_id
JOIN order_items i ON i.product_id = p.product_id
JOIN orders o ON o.order_id = i.order_id
WHERE root.name = '{root}' AND o.ordered_at >= '{quarter}' AND o.status <> 'cancelled'
GROUP BY 1)"},
};

}  // namespace

std::span<const WorkloadTemplate> aggregation_templates() {
  return kAggregationTemplates;
}

}  // namespace hintd::database::demo
