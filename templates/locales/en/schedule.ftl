# Another time for those whose site has closed, and the schedule of a site.

moved-title = Choose another time
moved-text = { $site } has to close, and can’t vaccinate { $person } on { $time }. Choose another time below. The booking is not lost.
moved-kept = This seat is kept for you until { $until }.
moved-take = Take this time
moved-others = Other times
moved-others-text = Pressing one sets that time at once.
moved-search = Look for a time yourself
moved-cancel = Cancel the booking
moved-when = Time
moved-set-title = The time is set
moved-over-title = This booking was cancelled
moved-over-text = The booking was cancelled. Book again to be vaccinated.
moved-error-none = Choose a time.
moved-error-full = Somebody else has just booked that seat. Choose another time.
moved-error-unsuitable = The booking has changed meanwhile, and can’t have that time. Choose another one.

schedule-title = Schedule and closing
schedule-day = Day
schedule-show = Show this day
schedule-caption = Seats by time, { $date }
schedule-seats = Seats
schedule-taken = Booked
schedule-none = There are no times left on this day.
schedule-change = Change seats
schedule-change-text = All times in between get the same number of seats.
schedule-from = From, such as 13:00
schedule-until = Until, such as 17:00
schedule-from-hint = Leave it empty to begin with the day.
schedule-until-hint = Leave it empty for the rest of the day.
schedule-each = Seats at each time
schedule-set = Change seats
schedule-close = Close
schedule-close-text = Everybody who is booked is told, and a seat nearby is kept for them for up to 24 hours. It closes between the times above, and no booking is lost.
schedule-ask-close = See how many are booked
schedule-sure-title = Close on { $hours }
schedule-sure-text = { $times ->
    [one] { $times } time
   *[other] { $times } times
} will close. { $people ->
    [one] { $people } person who is booked is
   *[other] { $people } people who are booked are
} told and offered another time.
schedule-sure-nobody = { $times ->
    [one] { $times } time
   *[other] { $times } times
} will close. Nobody is booked.
schedule-sure-close = Close and tell them
schedule-sure-back = Leave it open
schedule-closings = Closed
schedule-closing = { $date }, { $from } to { $until }
schedule-end-of-day = the end of the day
schedule-waiting = Have not answered
schedule-moved = Have another time
schedule-cancelled = Cancelled
schedule-done-closed = Closed. Everybody who is booked is being told.
schedule-done-set = The seats were changed.
schedule-error-date = Enter a day such as 2026-11-24.
schedule-error-time = Enter a time such as 13:00. The end must be later than the beginning.
schedule-error-nothing = There is no time to close in between.
schedule-error-seats = Enter a number from 0 to { $most }.
schedule-error-taken = Some of these times have more bookings than that, or seats that are kept for others. Enter at least as many as are booked, or close these times, so that everybody who is booked is told.
