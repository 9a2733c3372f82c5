# Pages of the staff of a vaccination site.

clinic-sign-in-title = Staff sign-in
clinic-login = Login
clinic-password = Password
clinic-sign-in-help = If you don’t know your login or password, ask the person in charge at your vaccination site.
clinic-signed-out = You are signed out.
clinic-error-login = Enter your login.
clinic-error-password = Enter your password.
clinic-error-sign-in = The login or the password is wrong. Try again.
clinic-error-too-often = Too many tries. Try again in a few minutes.

clinic-sites-title = Which vaccination site’s list do you want to see?
clinic-sites-name = Name of the vaccination site
clinic-sites-province = Province
clinic-sites-all = All
clinic-sites-found =
    { $count ->
        [one] { $count } site
       *[other] { $count } sites
    }
clinic-sites-none = No vaccination site fits. Try again with a shorter name.

clinic-roster-title = Bookings on { $date }
clinic-roster-caption = Bookings on { $date }, by time
clinic-yesterday = Day before
clinic-today = Today
clinic-glance = Today at a glance
clinic-tomorrow = Day after
clinic-page-before = Previous page
clinic-page-after = Next page
clinic-nobody = There is no booking on this day.
clinic-shown = { $first } to { $last } of { $all }.
clinic-open-hint = Choose a reference to see the whole name and phone number. We write down that you looked.
clinic-desk-hint = Choose a reference to check somebody in, or to see the whole name. We write down that you looked.
clinic-more = Print, or see another day
clinic-sheet = List for printing
clinic-csv = Download as a table (CSV)
clinic-other-day = Another day
clinic-show-day = Show this day
clinic-error-date = Enter a date like 2026-11-24. For now this is today’s list.

clinic-all = All
clinic-nobody-chosen = Nobody on this day’s list fits. Choose “All” to see the others.
clinic-find-title = Who is here?
clinic-find-what = Reference, last digits of the phone, birth date, or name
clinic-find-hint = A scanner can type the QR code here. Bookings of other days are found by the reference only.
clinic-find-line = { $time }, { $name } (born { $born })
clinic-find-nobody = Nobody on today’s list fits. Check what was typed, or enter the reference.
clinic-find-several = Several people fit
clinic-day-title = Today, { $date }
clinic-todo = What needs doing now
clinic-todo-nothing = Nothing at the moment.
clinic-todo-lots = People are booked for a vaccine that has no lot to be given today. Add its lot.
clinic-todo-late =
    { $count ->
        [one] { $count } person is more than 15 minutes late
       *[other] { $count } people are more than 15 minutes late
    }
clinic-todo-doubles =
    { $count ->
        [one] { $count } person may be here twice
       *[other] { $count } people may be here twice
    }
clinic-todo-unreached =
    { $count ->
        [one] { $count } person got no text about the booking
       *[other] { $count } people got no text about the booking
    }
clinic-hours = Half hour by half hour
clinic-bar = Drawn
clinic-bar-hint = Dark: vaccinated. Middle: arrived. Light: still expected.
clinic-free = Free

clinic-time = Time
clinic-name = Name
clinic-born = Born
clinic-dose = Dose
clinic-dose-of = dose { $dose }
clinic-product = Vaccine
clinic-reference = Reference
clinic-state = State
clinic-lot = Lot
clinic-duplicate = Same name
clinic-duplicate-hint = “Same name” means that someone else has the same name and birth date. Check whether it is one person.

clinic-unreached = Not told
clinic-unreached-hint = “Not told” means that no text message about the booking arrived. Call them.

clinic-state-held = Being booked
clinic-state-booked = Booked
clinic-state-displaced = Needs another time
clinic-state-arrived = Arrived
clinic-state-vaccinated = Vaccinated
clinic-state-no-show = Did not come
clinic-state-cancelled = Cancelled
clinic-state-expired = Not confirmed

clinic-count-booked = { $count } booked
clinic-count-arrived = { $count } arrived
clinic-count-vaccinated = { $count } vaccinated
clinic-count-no-show = { $count } did not come
clinic-count-displaced =
    { $count ->
        [one] { $count } needs another time
       *[other] { $count } need another time
    }
clinic-count-cancelled = { $count } cancelled
clinic-count-held =
    { $count ->
        [one] { $count } seat being booked now
       *[other] { $count } seats being booked now
    }
clinic-count-free =
    { $count ->
        [one] { $count } free seat of { $all }
       *[other] { $count } free seats of { $all }
    }

clinic-morning = Morning
clinic-afternoon = Afternoon
clinic-sheet-hint = Print this page with your browser. Morning and afternoon come on separate sheets.
clinic-sheet-people =
    { $count ->
        [one] { $count } person.
       *[other] { $count } people.
    }
clinic-as-of = As of { $moment }.

clinic-why-title = Why do you need the whole name and phone number?
clinic-why-text = We write down who looked, when and why. What is written down can’t be erased.
clinic-reason = Reason
clinic-reason-at-desk = The person is at the desk
clinic-reason-called = The person or a carer called
clinic-reason-duplicate = To check whether one person booked twice
clinic-reason-other = Another reason
clinic-reason-words = If you chose another reason, write it here
clinic-error-reason = Choose a reason.
clinic-error-other = Write the other reason.
clinic-open = Show the name
clinic-name-title = The person to be vaccinated
clinic-written-down = We have written down that you saw the name. Reason: { $reason }
clinic-birth = Birth date
clinic-age = aged { $age } on the day of the vaccination
clinic-phone = Mobile number
clinic-no-phone = None
clinic-booking = The booking
clinic-when = Date and time
clinic-site = Vaccination site

clinic-callers-title = Who is calling?
clinic-callers-none = There is no evening for which people wait their turn.
clinic-door-link = Tell a caller their turn: { $campaign }
clinic-door-title = When is the caller’s turn?
clinic-door-text = The turn belongs to the mobile number. It is the same on the caller’s own phone, and nobody comes in earlier by calling. We write down that you looked.
clinic-door-line = In this line, browsers keep the places, and not numbers. Nobody can stand in line by calling.
clinic-door-phone = The caller’s mobile number
clinic-door-look = See the turn
clinic-door-of = Number { $phone }:
clinic-door-announced = People can ask for their turn from { $when }.
clinic-door-turn = The turn comes at about { $when }.
clinic-door-come = It is the caller’s turn now, and at any time until { $when }.
clinic-door-over = Nobody has to wait any more. The caller can book at once.
clinic-door-full = No seat is free at the moment. Seats may come back; the caller keeps the turn.
clinic-door-how = To come in, the caller opens { $address }, enters the number, and enters the code that we send to it.
clinic-door-how-line = To stand in line, the caller opens { $address } and presses the button. Then they come back with the same browser.
