#include "dashboard/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hintd::dashboard {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HtmlTest, WhatMeansSomethingInHtmlIsEscaped) {
  EXPECT_EQ(escape("<a href='x'>\"&\"</a>"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
  EXPECT_EQ(escape("plain text"), "plain text");
}

TEST(HtmlTest, CellsHeadingsAndSummariesAreText) {
  HtmlTable table({"<head>"});
  table.add({"<cell>"}, "\"mark");
  EXPECT_THAT(table.html(), Not(HasSubstr("<head>")));
  EXPECT_THAT(table.html(), Not(HasSubstr("<cell>")));
  EXPECT_THAT(table.html(), HasSubstr("class=\"&quot;mark\""));
  EXPECT_THAT(details("<b>", ""), HasSubstr("<summary>&lt;b&gt;</summary>"));
}

TEST(HtmlTest, ATableKnowsWhetherItHasRows) {
  HtmlTable table({"a"});
  EXPECT_TRUE(table.empty());
  table.add({"1"});
  EXPECT_FALSE(table.empty());
}

}  // namespace
}  // namespace hintd::dashboard
