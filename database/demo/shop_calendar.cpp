#include "database/demo/shop_calendar.h"

#include <chrono>
#include <cstdio>

namespace hintd::database::demo {
namespace {

constexpr std::chrono::sys_days kFirstDay{std::chrono::year{2022} / 1 / 1};

std::int64_t day_of(Moment moment) {
  return moment >= 0 ? moment / kDay : (moment - kDay + 1) / kDay;
}

std::chrono::year_month_day civil(Moment moment) {
  return kFirstDay + std::chrono::days{day_of(moment)};
}

std::vector<double> business_by_day() {
  constexpr double kMonths[] = {.8, .8, .9, .9, .95, .9, .85, .85, 1, 1.1, 1.7, 1.9};
  constexpr double kWeekdays[] = {1.2, 1, .95, .95, 1, .9, 1.1};  // from Sunday
  std::vector<double> weights;
  for (int day = 0; day < kShopDays; ++day) {
    const double growth = 1 + 1.2 * day / kShopDays;
    const std::chrono::weekday weekday{kFirstDay + std::chrono::days{day}};
    weights.push_back(growth * kMonths[month_of(day * kDay)] * kWeekdays[weekday.c_encoding()]);
  }
  return weights;
}

}  // namespace

std::string date_text(Moment moment) {
  const auto date = civil(moment);
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::string timestamp_text(Moment moment) {
  const int second = static_cast<int>(moment - day_of(moment) * kDay);
  char text[32];
  std::snprintf(text, sizeof text, " %02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
  return date_text(moment) + text;
}

int month_of(Moment moment) {
  return static_cast<int>(static_cast<unsigned>(civil(moment).month())) - 1;
}

BusinessCalendar::BusinessCalendar() : days_(business_by_day()) {}

Moment BusinessCalendar::moment_at(double share) const {
  return static_cast<Moment>(days_.at(share)) * kDay +
         static_cast<Moment>(days_.fraction_at(share) * (kDay - 1));
}

}  // namespace hintd::database::demo
