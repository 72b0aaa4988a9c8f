// The demo shop's time: business from 2022-01-01 to the end of 2024-06-30, growing, with a
// Christmas peak. Moments are seconds since the first day, days are days since it; both may be
// negative.
#pragma once

#include <cstdint>
#include <string>

#include "database/demo/discrete.h"

namespace hintd::database::demo {

using Moment = std::int64_t;

constexpr int kShopDays = 912;
constexpr Moment kDay = 86'400;
constexpr Moment kHour = 3'600;
constexpr Moment kShopEnd = kShopDays * kDay;

std::string date_text(Moment moment);       // 2023-11-24
std::string timestamp_text(Moment moment);  // 2023-11-24 18:03:59
// 0 = January.
int month_of(Moment moment);

class BusinessCalendar {
 public:
  BusinessCalendar();
  // The moment by which the given share, in [0, 1), of all business was done.
  Moment moment_at(double share) const;

 private:
  Discrete days_;
};

}  // namespace hintd::database::demo
