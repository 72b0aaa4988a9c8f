// Pictures as inline SVG. Colours and fonts come from the page's style by class (a, b, c for the
// series); each series also differs by dash or shape, and each picture has a text alternative.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace hintd::dashboard {

struct PlotPoint {
  double x = 0;
  double y = 0;  // one that is not finite interrupts the line
};

struct PlotSeries {
  std::string name;
  char style = 'a';  // a: solid, b: dashed, c: dotted
  std::vector<PlotPoint> points;
};

// A stretch of x with a name.
struct PlotBand {
  std::string name;
  double from = 0;
  double to = 0;
};

struct LinePlot {
  std::string alternative;  // what the picture shows, in a sentence
  std::string y_label;
  std::string x_label;
  bool log_y = false;
  double width = 860;  // of the drawing, which scales to its place
  double height = 300;
  std::vector<PlotSeries> series;
  std::vector<PlotBand> bands;
  std::function<std::string(double)> x_text;
  std::function<std::string(double)> y_text;
};

// Empty where there is no finite point (on a log axis: no positive one).
std::string line_plot(const LinePlot& plot);

struct DumbbellRow {
  std::string name;
  double before = 0;
  double after = 0;
  double best = 0;
};

// One line a row, on a log axis of milliseconds: a hollow circle before, a filled one after, a bar
// at the best. Leaves out rows with a value that is not positive.
std::string dumbbell_plot(const std::string& alternative, const std::vector<DumbbellRow>& rows);

}  // namespace hintd::dashboard
