#include "telemetry/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.h"

namespace hintd::telemetry {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class HistoryTest : public TelemetryTest {
 protected:
  std::vector<std::int64_t> found(const std::string& words) {
    auto history = History::open(config_.path);
    EXPECT_TRUE(history) << history.error().text();
    auto ids = history->find_templates(words);
    EXPECT_TRUE(ids) << ids.error().text();
    return ids.value_or(std::vector<std::int64_t>{});
  }

  static TemplateSeen a_template(std::uint64_t fingerprint, const std::string& name,
                                 const std::string& text) {
    TemplateSeen seen;
    seen.fingerprint = fingerprint;
    seen.name = name;
    seen.query_class = "aggregation";
    seen.normalized = text;
    return seen;
  }
};

TEST_F(HistoryTest, TemplatesAreFoundByNameClassAndTextWhateverTheirCase) {
  store({a_run(), a_template(1, "sales_by_day", "SELECT sum(total) FROM orders"),
         a_template(2, "revenue", "SELECT total FROM sales_2025")});
  EXPECT_THAT(found("ORDERS"), SizeIs(1));
  EXPECT_THAT(found("sales"), SizeIs(2));
  EXPECT_THAT(found("Aggregation"), SizeIs(2));
  EXPECT_THAT(found("customers"), IsEmpty());
}

TEST_F(HistoryTest, WordsAreNoPattern) {
  store({a_run(), a_template(1, "share", "SELECT 100 % 7, 'a\\b'"),
         a_template(2, "salesXby", "SELECT total FROM orders")});
  EXPECT_THAT(found("%"), SizeIs(1));
  EXPECT_THAT(found("a\\b"), SizeIs(1));
  EXPECT_THAT(found("sales_by"), IsEmpty());
}

}  // namespace
}  // namespace hintd::telemetry
