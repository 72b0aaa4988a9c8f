#include "app/template_orders.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/durable_file.h"
#include "core/query_template.h"
#include "scratch_folder.h"

namespace hintd::app {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr std::uint64_t kTemplate = 0x9f3ac1;
constexpr std::uint64_t kOther = 0x17;
constexpr ArmId kHash = 1;
constexpr ArmId kMerge = 2;
const ChangeNote kNote{"somebody", "slow on Mondays"};

class GuardThatRefuses final : public Guard {
 public:
  bool allows(std::uint64_t, ArmId arm) const noexcept override { return arm != refused; }
  ArmId refused = 1000;
};

class TemplateOrdersTest : public testing::Test {
 protected:
  static HintCatalogue make_catalogue() {
    std::vector<HintSet> sets(3);
    sets[0].name = "default";
    sets[1].name = "hash_only";
    sets[1].settings = {{"enable_nestloop", "off"}};
    sets[2].name = "merge_only";
    sets[2].settings = {{"enable_hashjoin", "off"}};
    return *HintCatalogue::create(std::move(sets));
  }
  std::unique_ptr<TemplateOrders> open() {
    auto orders = TemplateOrders::open(file_, catalogue_, inner_);
    EXPECT_TRUE(orders) << orders.error().text();
    return std::move(*orders);
  }
  static TemplateRule rule(ArmId arm) {
    TemplateRule made;
    made.rest.arm = arm;
    made.rest.patience = Millis(12);
    return made;
  }

  test::ScratchFolder folder_;
  std::filesystem::path file_ = folder_.path() / "orders.json";
  HintCatalogue catalogue_ = make_catalogue();
  GuardThatRefuses inner_;
};

TEST_F(TemplateOrdersTest, WithoutOrdersTheGuardBehindItDecides) {
  inner_.refused = kHash;
  const auto orders = open();
  EXPECT_FALSE(orders->allows(kTemplate, kHash));
  EXPECT_TRUE(orders->allows(kTemplate, kMerge));
  EXPECT_THAT(orders->list(), SizeIs(0));
}

TEST_F(TemplateOrdersTest, ABannedTemplateGetsNoHintAndOthersDo) {
  const auto orders = open();
  ASSERT_TRUE(orders->order(kTemplate, TemplateOrder::kBanned, nullptr, kNote, TimePoint{}));
  EXPECT_FALSE(orders->allows(kTemplate, kHash));
  EXPECT_FALSE(orders->allows(kTemplate, kMerge));
  EXPECT_TRUE(orders->allows(kTemplate, kDefaultArm));
  EXPECT_TRUE(orders->allows(kOther, kHash));
}

TEST_F(TemplateOrdersTest, ARolledBackTemplateMayHaveAnotherArm) {
  const auto orders = open();
  const auto had = rule(kHash);
  ASSERT_TRUE(orders->order(kTemplate, TemplateOrder::kRolledBack, &had, kNote, TimePoint{}));
  EXPECT_FALSE(orders->allows(kTemplate, kHash));
  EXPECT_TRUE(orders->allows(kTemplate, kMerge));
  ASSERT_THAT(orders->list(), SizeIs(1));
  EXPECT_EQ(orders->list().front().arm, "hash_only");
}

TEST_F(TemplateOrdersTest, APinnedRuleOutlivesWhatIsLearned) {
  const auto orders = open();
  const auto had = rule(kHash);
  ASSERT_TRUE(orders->order(kTemplate, TemplateOrder::kPinned, &had, kNote, TimePoint{}));
  TemplateRules learned = {{kTemplate, rule(kMerge)}, {kOther, rule(kMerge)}};
  orders->apply(learned);
  EXPECT_EQ(learned.at(kTemplate).rest, had.rest);
  EXPECT_EQ(learned.at(kOther).rest.arm, kMerge);
  TemplateRules nothing;
  orders->apply(nothing);
  EXPECT_EQ(nothing.at(kTemplate).rest, had.rest);
}

TEST_F(TemplateOrdersTest, ARuleWithoutAHintCanBeNeitherPinnedNorRolledBack) {
  const auto orders = open();
  const TemplateRule unhinted;
  for (const auto order : {TemplateOrder::kPinned, TemplateOrder::kRolledBack})
    for (const TemplateRule* had : {static_cast<const TemplateRule*>(nullptr), &unhinted}) {
      const auto refused = orders->order(kTemplate, order, had, kNote, TimePoint{});
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
      EXPECT_THAT(refused.error().message, HasSubstr(fingerprint_text(kTemplate)));
    }
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(TemplateOrdersTest, AnOrderThatIsTakenBackHoldsNoMore) {
  const auto orders = open();
  ASSERT_TRUE(orders->order(kTemplate, TemplateOrder::kBanned, nullptr, kNote, TimePoint{}));
  ASSERT_TRUE(orders->order(kTemplate, TemplateOrder::kNone, nullptr, kNote, TimePoint{}));
  EXPECT_TRUE(orders->allows(kTemplate, kHash));
  EXPECT_THAT(open()->list(), SizeIs(0));
}

TEST_F(TemplateOrdersTest, OrdersHoldAfterARestart) {
  const auto had = rule(kMerge);
  const TimePoint now{std::chrono::microseconds(1'767'312'000'000'000)};
  {
    const auto orders = open();
    ASSERT_TRUE(orders->order(kTemplate, TemplateOrder::kPinned, &had, kNote, now));
    ASSERT_TRUE(orders->order(kOther, TemplateOrder::kRolledBack, &had, kNote, now));
  }
  const auto orders = open();
  EXPECT_FALSE(orders->allows(kOther, kMerge));
  EXPECT_TRUE(orders->allows(kOther, kHash));
  TemplateRules learned;
  orders->apply(learned);
  EXPECT_EQ(learned.at(kTemplate).rest, had.rest);
  const auto list = orders->list();
  ASSERT_THAT(list, SizeIs(2));
  for (const auto& order : list) {
    EXPECT_EQ(order.note.actor, kNote.actor);
    EXPECT_EQ(order.note.why, kNote.why);
    EXPECT_EQ(order.time, now);
  }
}

TEST_F(TemplateOrdersTest, TheKillSwitchRefusesEveryArmButTheDefault) {
  const auto orders = open();
  orders->switch_hints(false);
  EXPECT_FALSE(orders->allows(kTemplate, kHash));
  EXPECT_TRUE(orders->allows(kTemplate, kDefaultArm));
  orders->switch_hints(true);
  EXPECT_TRUE(orders->allows(kTemplate, kHash));
}

TEST_F(TemplateOrdersTest, AFileThatHoldsNoOrdersIsRefusedByName) {
  for (const auto* text : {"{", "[]", R"({"kind": "something else"})",
                           R"({"kind": "hintd template orders", "orders": [{"template": "x"}]})"}) {
    std::ofstream(file_, std::ios::trunc) << text;
    const auto opened = TemplateOrders::open(file_, catalogue_, inner_);
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().kind, ErrorKind::kCorrupt);
    EXPECT_THAT(opened.error().text(), HasSubstr(file_.string()));
  }
}

TEST_F(TemplateOrdersTest, AnOrderThatCannotBeKeptIsNotInForce) {
  const auto orders =
      TemplateOrders::open(folder_.path() / "no such folder" / "orders.json", catalogue_, inner_);
  ASSERT_TRUE(orders);
  EXPECT_FALSE((*orders)->order(kTemplate, TemplateOrder::kBanned, nullptr, kNote, TimePoint{}));
  EXPECT_TRUE((*orders)->allows(kTemplate, kHash));
}

}  // namespace
}  // namespace hintd::app
