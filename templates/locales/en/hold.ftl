# Checking the answers while the seats are held.

hold-title = Is everything right?
hold-until =
    { $minutes ->
        [one] We keep this seat for { $minutes } minute, until { $time }. Press “Confirm the booking” before then.
       *[other] We keep this seat for { $minutes } minutes, until { $time }. Press “Confirm the booking” before then.
    }
hold-extend = I need more time
hold-extended = Your time starts again now. We keep the seat until { $time }.
hold-unconfirmed = This can’t be confirmed. Somebody in it is not on your list any more, or a time has passed. Choose again below.
hold-clash = { $name } has another booking at nearly the same time: { $when }, { $place }. Check whether they can keep both.
hold-extensions-left =
    { $left ->
        [one] You can ask for more time { $left } more time.
       *[other] You can ask for more time { $left } more times.
    }
hold-no-extension = You can’t ask for more time again.
hold-what = Vaccination
hold-who = Who will be vaccinated
hold-born = Born { $date }
hold-where = Vaccination site
hold-next-dose = Next dose
hold-no-next-dose = Not chosen yet.
hold-choose = Choose
hold-phone = Phones that get messages
hold-phone-theirs = As long as nobody has signed in here with this number, it gets one text without names, and you get the reminders.
hold-release = Give up this seat and choose another time
held-until = You are holding seats until { $time }. They are not booked yet.
held-go-on = Check and confirm the booking
hold-over-title = This seat is not kept any more
hold-over-text = The time is over, or you chose another seat. Nothing was booked. You can choose again from the times left on that day.
hold-over-again = Choose again on the same day
hold-over-bookings = See confirmed bookings
hold-closed-title = Booking has ended
hold-closed-text = This vaccination can’t be booked any more. The seat we kept for you is not booked.
