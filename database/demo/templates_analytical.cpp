#include "database/demo/workload_template.h"

namespace hintd::database::demo {
namespace {

constexpr WorkloadTemplate kAnalyticalTemplates[] = {
    {"month_country_root_revenue", QueryClass::kAnalytical, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT b.tier, o.channel, count(*) AS items, sum(i.quantity * i.unit_price) AS revenue
FROM countries co
JOIN customers c ON c.country_id = co.country_id
JOIN orders o ON o.customer_id = c.customer_id
JOIN order_items i ON i.order_id = o.order_id
JOIN products p ON p.product_id = i.product_id
JOIN brands b ON b.brand_id = p.brand_id
JOIN categories ca ON ca.category_id = p.category_id
JOIN categories root ON root.category_id = ca.root_id
WHERE co.name = '{country}' AND root.name = '{root}'
  AND o.ordered_at >= '{month}' AND o.ordered_at < timestamp '{month}' + interval '1 month'
GROUP BY b.tier, o.channel)"},
    {"late_root_parcels_of_carrier", QueryClass::kAnalytical, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT w.name, co.name, count(*) AS parcels
FROM carriers cr
JOIN shipments s ON s.carrier_id = cr.carrier_id
JOIN warehouses w ON w.warehouse_id = s.warehouse_id
JOIN orders o ON o.order_id = s.order_id
JOIN customers c ON c.customer_id = o.customer_id
JOIN countries co ON co.country_id = c.country_id
JOIN order_items i ON i.order_id = o.order_id
JOIN products p ON p.product_id = i.product_id
JOIN categories ca ON ca.category_id = p.category_id
JOIN categories root ON root.category_id = ca.root_id
WHERE cr.name = '{carrier}' AND root.name = '{root}' AND s.delivered_at > s.promised_at
  AND s.shipped_at >= '{quarter}' AND s.shipped_at < timestamp '{quarter}' + interval '3 months'
GROUP BY w.name, co.name)"},
    {"retried_payments_of_country", QueryClass::kAnalytical, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT good.method, count(*) AS retried, avg(good.paid_at - bad.paid_at) AS delay
FROM countries co
JOIN customers c ON c.country_id = co.country_id
JOIN orders o ON o.customer_id = c.customer_id
JOIN payments bad ON bad.order_id = o.order_id AND bad.status = 'failed'
JOIN payments good ON good.order_id = o.order_id AND good.status = 'captured'
WHERE co.name = '{country}' AND good.paid_at > bad.paid_at AND c.segment = '{segment}'
GROUP BY good.method)"},
    {"viewed_then_carted_in_root", QueryClass::kAnalytical, Shape::kFanOut, LiteralSource::kEvent,
     R"(SELECT cart.channel, count(*) AS pairs, count(DISTINCT cart.customer_id) AS customers
FROM categories root
JOIN categories ca ON ca.root_id = root.category_id
JOIN products p ON p.category_id = ca.category_id
JOIN events seen ON seen.product_id = p.product_id AND seen.kind = 'view'
JOIN events cart ON cart.product_id = p.product_id AND cart.customer_id = seen.customer_id
  AND cart.kind = 'cart'
WHERE root.name = '{root}' AND cart.happened_at > seen.happened_at
  AND seen.happened_at >= '{month}' AND seen.happened_at < timestamp '{month}' + interval '1 month'
GROUP BY cart.channel)"},
    {"dead_stock_of_supplier_country", QueryClass::kAnalytical, Shape::kSubquery,
     LiteralSource::kStock,
     R"(SELECT w.name, count(*) AS products, sum(v.quantity) AS pieces
FROM countries co
JOIN suppliers s ON s.country_id = co.country_id
JOIN products p ON p.supplier_id = s.supplier_id
JOIN inventory v ON v.product_id = p.product_id
JOIN warehouses w ON w.warehouse_id = v.warehouse_id
WHERE co.name = '{supplier_country}' AND v.quantity > {reorder_level}
  AND NOT EXISTS (SELECT FROM order_items i JOIN orders o ON o.order_id = i.order_id
                  WHERE i.product_id = p.product_id AND o.ordered_at >= '{counted_month}')
GROUP BY w.name)"},
    {"tree_sales_of_root", QueryClass::kAnalytical, Shape::kSubquery, LiteralSource::kOrderItem,
     R"(WITH RECURSIVE tree AS (
  SELECT category_id, name FROM categories WHERE name = '{root}'
  UNION ALL
  SELECT ca.category_id, ca.name FROM tree JOIN categories ca ON ca.parent_id = tree.category_id)
SELECT tree.name, count(*) AS items, sum(i.quantity * i.unit_price) AS revenue
FROM tree
JOIN products p ON p.category_id = tree.category_id
JOIN order_items i ON i.product_id = p.product_id
JOIN orders o ON o.order_id = i.order_id
WHERE o.channel = '{channel}' AND o.ordered_at >= '{quarter}'
GROUP BY tree.name)"},
    {"also_bought", QueryClass::kAnalytical, Shape::kHandsOff, LiteralSource::kStock,
     R"(SELECT other.product_id, count(*) AS together
FROM order_items mine
JOIN order_items other ON other.order_id = mine.order_id AND other.product_id <> mine.product_id
WHERE mine.product_id = {product_id}
GROUP BY other.product_id
ORDER BY together DESC, other.product_id LIMIT 10)"},
    {"above_average_customers", QueryClass::kAnalytical, Shape::kSubquery,
     LiteralSource::kOrderItem,
     R"(WITH spending AS (
  SELECT o.customer_id, count(*) AS orders, sum(o.total_amount) AS spent
  FROM orders o
  JOIN customers c ON c.customer_id = o.customer_id
  JOIN countries co ON co.country_id = c.country_id
  WHERE co.name = '{country}' AND o.ordered_at >= '{quarter}'
  GROUP BY o.customer_id)
SELECT c.segment, ci.name, count(*) AS customers, sum(spending.spent) AS spent
FROM spending
JOIN customers c ON c.customer_id = spending.customer_id
JOIN cities ci ON ci.city_id = c.city_id
WHERE spending.spent > (SELECT avg(spent) FROM spending)
GROUP BY c.segment, ci.name)"},
    {"reviewed_after_buying_root", QueryClass::kAnalytical, Shape::kSubquery,
     LiteralSource::kReview,
     R"(SELECT co.name, count(*) AS reviews, round(avg(r.rating), 2) AS rating
FROM categories root
JOIN categories ca ON ca.root_id = root.category_id
JOIN products p ON p.category_id = ca.category_id
JOIN reviews r ON r.product_id = p.product_id
JOIN customers c ON c.customer_id = r.customer_id
JOIN countries co ON co.country_id = c.country_id
WHERE root.name = '{root}' AND r.written_at >= '{quarter}'
  AND r.written_at < timestamp '{quarter}' + interval '3 months'
  AND EXISTS (SELECT FROM orders o JOIN order_items i ON i.order_id = o.order_id
              WHERE o.customer_id = r.customer_id AND i.product_id = r.product_id
              AND o.ordered_at < r.written_at)
GROUP BY co.name)"},
    {"promotion_share_by_country", QueryClass::kAnalytical, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT co.region, pr.code, count(DISTINCT o.order_id) AS orders,
       sum(i.quantity * i.unit_price) AS revenue
FROM categories root
JOIN promotions pr ON pr.category_id = root.category_id
JOIN orders o ON o.promotion_id = pr.promotion_id
JOIN customers c ON c.customer_id = o.customer_id
JOIN countries co ON co.country_id = c.country_id
JOIN order_items i ON i.order_id = o.order_id
WHERE root.name = '{root}' AND o.channel = '{channel}' AND pr.starts_on >= '{year}-01-01'
GROUP BY co.region, pr.code)"},
    {"imports_of_country_in_quarter", QueryClass::kAnalytical, Shape::kFanOut,
     LiteralSource::kOrderItem,
     R"(SELECT root.name, w.name, s.status, count(*) AS items
FROM countries home
JOIN customers c ON c.country_id = home.country_id
JOIN cities ci ON ci.city_id = c.city_id
JOIN orders o ON o.customer_id = c.customer_id
JOIN shipments s ON s.order_id = o.order_id
JOIN warehouses w ON w.warehouse_id = s.warehouse_id
JOIN order_items i ON i.order_id = o.order_id
JOIN products p ON p.product_id = i.product_id
JOIN categories ca ON ca.category_id = p.category_id
JOIN categories root ON root.category_id = ca.root_id
JOIN suppliers su ON su.supplier_id = p.supplier_id
JOIN countries origin ON origin.country_id = su.country_id
WHERE home.name = '{country}' AND ci.name = '{city}' AND origin.name = '{supplier_country}'
  AND o.ordered_at >= '{quarter}'
GROUP BY root.name, w.name, s.status)"},
    {"lapsed_buyers_of_root", QueryClass::kAnalytical, Shape::kSubquery, LiteralSource::kOrderItem,
     R"(SELECT c.segment, count(DISTINCT c.customer_id) AS lapsed
FROM categories root
JOIN categories ca ON ca.root_id = root.category_id
JOIN products p ON p.category_id = ca.category_id
JOIN order_items i ON i.product_id = p.product_id
JOIN orders o ON o.order_id = i.order_id
JOIN customers c ON c.customer_id = o.customer_id
WHERE root.name = '{root}' AND c.country_id = {country_id}
  AND o.ordered_at >= '{month}' AND o.ordered_at < timestamp '{month}' + interval '1 month'
  AND NOT EXISTS (SELECT FROM orders later WHERE later.customer_id = c.customer_id
                  AND later.ordered_at >= timestamp '{month}' + interval '1 month')
GROUP BY c.segment)"},
    {"market_imports_of_root", QueryClass::kAnalytical, Shape::kFanOut, LiteralSource::kMarket,
     R"(SELECT origin.name, b.tier, s.status, count(*) AS items
FROM countries home
JOIN customers c ON c.country_id = home.country_id
JOIN orders o ON o.customer_id = c.customer_id
JOIN shipments s ON s.order_id = o.order_id
JOIN order_items i ON i.order_id = o.order_id
JOIN products p ON p.product_id = i.product_id
JOIN brands b ON b.brand_id = p.brand_id
JOIN categories ca ON ca.category_id = p.category_id
JOIN categories root ON root.category_id = ca.root_id
JOIN suppliers su ON su.supplier_id = p.supplier_id
JOIN countries origin ON origin.country_id = su.country_id
WHERE home.name = '{country}' AND root.name = '{root}' AND o.ordered_at >= '{quarter}'
GROUP BY origin.name, b.tier, s.status)"},
    {"market_buyers_who_review", QueryClass::kAnalytical, Shape::kSubquery, LiteralSource::kMarket,
     R"(SELECT c.segment, count(*) AS customers
FROM countries co
JOIN customers c ON c.country_id = co.country_id
WHERE co.name = '{country}'
  AND EXISTS (SELECT FROM orders o WHERE o.customer_id = c.customer_id
              AND o.ordered_at >= '{quarter}')
  AND EXISTS (SELECT FROM reviews r WHERE r.customer_id = c.customer_id AND r.rating >= 4)
GROUP BY c.segment)"},
};

}  // namespace

std::span<const WorkloadTemplate> analytical_templates() {
  return kAnalyticalTemplates;
}

}  // namespace hintd::database::demo
