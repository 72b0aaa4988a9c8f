#include "dashboard/svg_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "dashboard/svg_scale.h"

namespace hintd::dashboard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

LinePlot a_plot(std::vector<PlotPoint> points) {
  LinePlot plot;
  plot.alternative = "latency over time";
  plot.series = {{"p50", 'a', std::move(points)}};
  plot.x_text = plot.y_text = [](double value) { return std::to_string(std::lround(value)); };
  return plot;
}

TEST(SvgScaleTest, ALinearScaleWidensToRoundNumbers) {
  const SvgScale scale(SvgScale::Kind::kLinear, 0, 9.3, 0, 100);
  EXPECT_THAT(scale.ticks(), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_DOUBLE_EQ(scale.pixel(5), 50);
}

TEST(SvgScaleTest, ALogScaleGivesEachFactorTheSameRoom) {
  const SvgScale scale(SvgScale::Kind::kLog, 1, 100, 0, 100);
  EXPECT_NEAR(scale.pixel(10), 50, 1e-9);
  EXPECT_THAT(scale.ticks(),
              ElementsAre(testing::DoubleNear(1, 1e-9), testing::DoubleNear(2, 1e-9),
                          testing::DoubleNear(5, 1e-9), testing::DoubleNear(10, 1e-9),
                          testing::DoubleNear(20, 1e-9), testing::DoubleNear(50, 1e-9),
                          testing::DoubleNear(100, 1e-9)));
}

TEST(SvgScaleTest, ALongLogScaleMarksDecadesAlone) {
  const SvgScale scale(SvgScale::Kind::kLog, 1, 10000, 0, 100);
  EXPECT_EQ(scale.ticks().size(), 5U);
}

TEST(SvgScaleTest, ValuesOutsideLandOnTheNearerEnd) {
  const SvgScale log(SvgScale::Kind::kLog, 1, 100, 10, 20);
  EXPECT_DOUBLE_EQ(log.pixel(0), 10);
  EXPECT_DOUBLE_EQ(log.pixel(1e9), 20);
}

TEST(SvgScaleTest, ARangeOfOneValueStillHasAScale) {
  for (const auto kind : {SvgScale::Kind::kLinear, SvgScale::Kind::kLog}) {
    const SvgScale scale(kind, 5, 5, 0, 100);
    EXPECT_TRUE(std::isfinite(scale.pixel(5)));
    EXPECT_GE(scale.ticks().size(), 2U);
  }
}

TEST(SvgPlotTest, ALineRunsThroughItsPoints) {
  const auto svg = line_plot(a_plot({{0, 1}, {1, 2}, {2, 3}}));
  EXPECT_THAT(svg, HasSubstr("<svg"));
  EXPECT_THAT(svg, HasSubstr("aria-label=\"latency over time\""));
  const auto path = svg.substr(svg.find(" d=\""));
  const auto end = path.begin() + static_cast<std::ptrdiff_t>(path.find("/>"));
  EXPECT_EQ(std::count(path.begin(), end, 'M'), 1);
  EXPECT_EQ(std::count(path.begin(), end, 'L'), 2);
}

TEST(SvgPlotTest, AMissingValueInterruptsTheLine) {
  const auto svg = line_plot(a_plot({{0, 1}, {1, std::nan("")}, {2, 3}, {3, 4}}));
  const auto path = svg.substr(svg.find(" d=\""));
  const auto end = path.begin() + static_cast<std::ptrdiff_t>(path.find("/>"));
  EXPECT_EQ(std::count(path.begin(), end, 'M'), 2);
  EXPECT_EQ(std::count(path.begin(), end, 'L'), 1);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(SvgPlotTest, NothingToShowDrawsNothing) {
  EXPECT_EQ(line_plot(a_plot({})), "");
  EXPECT_EQ(line_plot(a_plot({{0, std::nan("")}})), "");
  auto log = a_plot({{0, 0}});
  log.log_y = true;
  EXPECT_EQ(line_plot(log), "");
  EXPECT_EQ(dumbbell_plot("none", {}), "");
  EXPECT_EQ(dumbbell_plot("none", {{"unmeasured", 0, 0, 0}}), "");
}

TEST(SvgPlotTest, NamesInPicturesAreEscaped) {
  EXPECT_THAT(dumbbell_plot("a <b>", {{"<script>", 10, 5, 4}}), Not(HasSubstr("<script>")));
  auto plot = a_plot({{0, 1}, {9, 2}});
  plot.bands = {{"<i>", 0, 9}};
  EXPECT_THAT(line_plot(plot), Not(HasSubstr("<i>")));
}

TEST(SvgPlotTest, ARowThatGotWorseIsMarked) {
  EXPECT_THAT(dumbbell_plot("", {{"q", 10, 20, 5}}), HasSubstr("bar worse"));
  EXPECT_THAT(dumbbell_plot("", {{"q", 20, 10, 5}}), Not(HasSubstr("bar worse")));
}

}  // namespace
}  // namespace hintd::dashboard
