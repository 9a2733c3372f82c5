# Days and times. $weekday runs from 1 (Monday) to 7 (Sunday).
date-full =
    { $weekday ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    } { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }
date-short =
    { date-weekday } { $day } { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    }
date-weekday =
    { $weekday ->
        [1] Mon
        [2] Tue
        [3] Wed
        [4] Thu
        [5] Fri
        [6] Sat
       *[7] Sun
    }
# 12:00 midnight could also be the end of the day.
date-time-of-day =
    { $half ->
        [midnight] 0:00 (midnight)
        [noon] 12:00 noon
        [am] { $hour }:{ date-minutes } am
       *[pm] { $hour }:{ date-minutes } pm
    }
date-minutes = { NUMBER($minute, minimumIntegerDigits: 2) }
date-and-time = { $date } at { $time }
