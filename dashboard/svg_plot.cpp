#include "dashboard/svg_plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "core/statistics.h"
#include "dashboard/html.h"
#include "dashboard/svg_scale.h"
#include "telemetry/format.h"

namespace hintd::dashboard {
namespace {

using telemetry::fixed;

std::string px(double value) {
  return fixed(value, 1);
}

std::string text_at(double x, double y, const std::string& text, const std::string& anchor,
                    const std::string& css_class = "tick") {
  return "<text class=\"" + css_class + "\" x=\"" + px(x) + "\" y=\"" + px(y) +
         "\" text-anchor=\"" + anchor + "\">" + escape(text) + "</text>\n";
}

std::string line(const std::string& css_class, double x1, double y1, double x2, double y2) {
  return "<line class=\"" + css_class + "\" x1=\"" + px(x1) + "\" y1=\"" + px(y1) + "\" x2=\"" +
         px(x2) + "\" y2=\"" + px(y2) + "\"/>\n";
}

std::string picture(double width, double height, const std::string& alternative,
                    const std::string& content) {
  return "<div class=\"wide\"><svg viewBox=\"0 0 " + px(width) + " " + px(height) +
         "\" style=\"min-width:" + px(width * 0.65) + "px\" role=\"img\" aria-label=\"" +
         escape(alternative) + "\">\n" + content + "</svg></div>\n";
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  bool empty() const { return low > high; }
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

// Draws one line plot.
class LineDrawing {
 public:
  LineDrawing(const LinePlot& plot, Range x, Range y)
      : plot_(plot),
        right_(plot.width - 14),
        bottom_(plot.height - 40),
        x_(SvgScale::exact(x.low, x.high, kLeft, right_)),
        y_(plot.log_y ? SvgScale::Kind::kLog : SvgScale::Kind::kLinear,
           plot.log_y ? y.low : std::min(0.0, y.low), y.high, bottom_, kTop) {}

  std::string svg() const {
    return picture(plot_.width, plot_.height, plot_.alternative,
                   bands() + axes() + series() + legend());
  }

 private:
  static constexpr double kLeft = 62;
  static constexpr double kTop = 44;

  std::string bands() const {
    std::string svg;
    for (std::size_t i = 0; i < plot_.bands.size(); ++i) {
      const auto& band = plot_.bands[i];
      const double from = x_.pixel(band.from);
      const double to = x_.pixel(band.to);
      if (i % 2 == 1)
        svg += "<rect class=\"band\" x=\"" + px(from) + "\" y=\"" + px(kTop) + "\" width=\"" +
               px(to - from) + "\" height=\"" + px(bottom_ - kTop) + "\"/>\n";
      if (i > 0) svg += line("border", from, kTop, from, bottom_);
      if (to - from > 50)
        svg += text_at((from + to) / 2, kTop - 8, band.name, "middle", "band-name");
    }
    return svg;
  }

  std::string axes() const {
    std::string svg;
    for (const double tick : y_.ticks()) {
      const double at = y_.pixel(tick);
      svg += line("grid", kLeft, at, right_, at);
      svg += text_at(kLeft - 8, at + 4, plot_.y_text(tick), "end");
    }
    for (const double tick : x_.ticks())
      svg += text_at(x_.pixel(tick), bottom_ + 18, plot_.x_text(tick), "middle");
    svg += line("axis", kLeft, bottom_, right_, bottom_);
    svg += text_at(4, 14, plot_.y_label, "start", "label");
    svg += text_at(right_, bottom_ + 35, plot_.x_label, "end", "label");
    return svg;
  }

  std::string series() const {
    std::string svg;
    for (const auto& one : plot_.series)
      svg += "<path class=\"series " + std::string(1, one.style) + "\" d=\"" + path(one) + "\"/>\n";
    return svg;
  }

  std::string path(const PlotSeries& one) const {
    std::string path;
    bool drawing = false;
    for (const auto& point : one.points) {
      const bool shown = std::isfinite(point.y) && (!plot_.log_y || point.y > 0);
      if (shown)
        path += (drawing ? 'L' : 'M') + px(x_.pixel(point.x)) + ' ' + px(y_.pixel(point.y));
      drawing = shown;
    }
    return path;
  }

  std::string legend() const {
    if (plot_.series.size() < 2) return {};
    std::string svg;
    double x = right_ - 110 * static_cast<double>(plot_.series.size());
    for (const auto& one : plot_.series) {
      const std::string style(1, one.style);
      svg += line("series " + style, x, 10, x + 26, 10);
      svg += text_at(x + 32, 14, one.name, "start", "label");
      x += 110;
    }
    return svg;
  }

  const LinePlot& plot_;
  double right_;
  double bottom_;
  SvgScale x_;
  SvgScale y_;
};

// No more digits than a tick needs.
std::string time_tick_text(double ms) {
  const bool in_seconds = ms >= 1000;
  char text[32];
  std::snprintf(text, sizeof text, "%g %s", in_seconds ? ms / 1000 : ms, in_seconds ? "s" : "ms");
  return text;
}

constexpr double kRowHeight = 24;
constexpr double kNameWidth = 230;
constexpr double kDumbbellWidth = 860;

std::string circle(const std::string& css_class, double x, double y) {
  return "<circle class=\"" + css_class + "\" cx=\"" + px(x) + "\" cy=\"" + px(y) +
         "\" r=\"5\"/>\n";
}

std::string dumbbell(const DumbbellRow& row, const SvgScale& x, double y) {
  const double before = x.pixel(row.before);
  const double after = x.pixel(row.after);
  const double best = x.pixel(row.best);
  const auto tooltip = row.name + ": default " + telemetry::ms_text(row.before) + " ms, learned " +
                       telemetry::ms_text(row.after) + " ms, oracle " +
                       telemetry::ms_text(row.best) + " ms";
  return "<g><title>" + escape(tooltip) + "</title>\n" +
         text_at(kNameWidth - 12, y + 4, row.name, "end", "row-name") +
         line(row.after > row.before * kRegressedRatio ? "bar worse" : "bar", before, y, after, y) +
         line("best", best, y - 8, best, y + 8) + circle("before", before, y) +
         circle("after", after, y) + "</g>\n";
}

std::string dumbbell_legend() {
  constexpr double kY = 12;
  return circle("before", kNameWidth + 6, kY) +
         text_at(kNameWidth + 18, kY + 4, "default", "start", "label") +
         circle("after", kNameWidth + 96, kY) +
         text_at(kNameWidth + 108, kY + 4, "learned", "start", "label") +
         line("best", kNameWidth + 186, kY - 8, kNameWidth + 186, kY + 8) +
         text_at(kNameWidth + 196, kY + 4, "oracle: the best hint set for each query", "start",
                 "label");
}

}  // namespace

std::string line_plot(const LinePlot& plot) {
  Range x;
  Range y;
  for (const auto& one : plot.series) {
    for (const auto& point : one.points) {
      if (!std::isfinite(point.y) || (plot.log_y && point.y <= 0)) continue;
      x.add(point.x);
      y.add(point.y);
    }
  }
  if (y.empty()) return {};
  for (const auto& band : plot.bands) {
    x.add(band.from);
    x.add(band.to);
  }
  return LineDrawing(plot, x, y).svg();
}

std::string dumbbell_plot(const std::string& alternative, const std::vector<DumbbellRow>& rows) {
  Range range;
  std::vector<DumbbellRow> shown;
  for (const auto& row : rows) {
    if (row.before <= 0 || row.after <= 0 || row.best <= 0) continue;
    for (const double value : {row.before, row.after, row.best}) range.add(value);
    shown.push_back(row);
  }
  if (shown.empty()) return {};

  constexpr double kTop = 30;
  const double bottom = kTop + kRowHeight * static_cast<double>(shown.size()) + 4;
  const SvgScale x(SvgScale::Kind::kLog, range.low, range.high, kNameWidth, kDumbbellWidth - 24);
  std::string svg = dumbbell_legend();
  for (const double tick : x.ticks()) {
    svg += line("grid", x.pixel(tick), kTop, x.pixel(tick), bottom);
    svg += text_at(x.pixel(tick), bottom + 18, time_tick_text(tick), "middle");
  }
  for (std::size_t i = 0; i < shown.size(); ++i)
    svg += dumbbell(shown[i], x, kTop + kRowHeight * (static_cast<double>(i) + 0.5));
  return picture(kDumbbellWidth, bottom + 28, alternative, svg);
}

}  // namespace hintd::dashboard
