#include "dashboard/tune_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tune_sample.h"

namespace hintd::dashboard {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TuneHtmlTest, ShowsTheAnswerBothPlansAndWhatElseWasFound) {
  const auto html = tune_html(test::tune_sample());
  EXPECT_THAT(html, HasSubstr("2 of 5 statements run faster"));
  EXPECT_THAT(html, HasSubstr("q1: 5.00x under no_nestloop"));
  EXPECT_THAT(html, HasSubstr("Nested Loop &lt;a&gt;"));
  EXPECT_THAT(html, HasSubstr("Hash Join &lt;b&gt;"));
  EXPECT_THAT(html, HasSubstr("holds for all literals of the template"));
  EXPECT_THAT(html, HasSubstr("holds for these literals"));
  EXPECT_THAT(html, HasSubstr("division by zero"));
  EXPECT_THAT(html, HasSubstr("not one read-only SELECT"));
  EXPECT_THAT(html, HasSubstr("Workload latency over the time explored, from 0.17 to 0.07 s"));
}

TEST(TuneHtmlTest, NeedsNothingElseAndTakesNoMarkupFromStatements) {
  const auto html = tune_html(test::tune_sample());
  for (const auto* outside : {"<script", "<link", "<img", "@import", "src="})
    EXPECT_THAT(html, Not(HasSubstr(outside)));
  EXPECT_THAT(html, Not(HasSubstr("<q1>")));
  EXPECT_THAT(html, HasSubstr("SELECT &#39;&lt;q1&gt;&#39;"));
}

TEST(TuneHtmlTest, WithoutAWinnerItSaysSoAndLeavesTheEmptyPartsOut) {
  auto report = test::tune_sample();
  for (auto& line : report.lines) line.evidence.reset();
  report.curve.clear();
  report.skipped.clear();
  const auto html = tune_html(report);
  EXPECT_THAT(html, HasSubstr("No hint set was confirmed"));
  for (const auto* title : {"Before and after", "<h2>Confirmed", "What exploring found", "Skipped"})
    EXPECT_THAT(html, Not(HasSubstr(title)));
}

}  // namespace
}  // namespace hintd::dashboard
