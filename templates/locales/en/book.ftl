# Booking: for whom, where, when.
book-start-title = Which vaccination do you want to book?
book-start-none = No vaccination can be booked now
book-start-later = Opening soon
book-start-opens = You can book from { $when }.

book-who-title = Who is it for?
book-who-campaign = See who can book, and when
book-who-empty = There is nobody to book for yet. Please add someone first.
book-who-choose = People to book for
book-who-hint = Choose several to book them together: one place, the same or neighbouring times.
book-who-person = { $relation }, aged { $age }
book-who-others = Not possible now
book-who-opens = You can book from { $when }.
book-who-booked = Has a booking already.
book-who-not-included = Is not part of this campaign.
book-who-no-vaccine-for-age = No vaccine suits this age.
book-who-closed = Booking has ended.
book-who-add-me = Add myself
book-who-add-other = Add someone else
book-who-nobody = Choose at least one person.
book-who-not-open = Choose only people who can be booked now.
book-who-no-common-vaccine = Their ages differ, so they can’t have the same vaccine. Please book for them separately.
book-who-different-doses = Some lack only the second dose. Please book for them separately.

book-where-title = Where?
book-where-province = Choose a province or city
book-where-district = Choose a district of { $province }
book-where-sites =
    { $sites ->
        [one] { $place } ({ $sites } site)
       *[other] { $place } ({ $sites } sites)
    }
book-where-place = { $district }, { $province }
book-where-around = around { $place }
book-where-or-near = Or search by the name of a place
book-where-near = A place, or the name of a site
book-where-near-hint = For example Gangnam, Suwon, Seoul Medical Center
book-where-meant = Which “{ $text }” do you mean?
book-where-nothing = “{ $text }” was not found. Try the name of a district.

book-sites-title = Choose a vaccination site
book-sites-found = { $place }: { $sites }
book-sites-elsewhere = Look elsewhere
book-sites-around = Show sites near this district too
book-sites-by-name = Sort by name
book-sites-by-distance = Sort by distance
book-sites-none = No site is like that. Take away a filter or look elsewhere.
book-sites-full = No free seats
book-sites-distance = { $kilometres } km
book-sites-day = { $day }: { $seats }
book-sites-filter = Filter
book-sites-features = What you need
book-sites-apply = Show these
book-step-free = no steps
book-evenings = evenings
book-weekend = weekends
book-parking = parking
book-vaccine = Vaccine
book-vaccine-any = Any is fine
book-another-place = Look for another place
book-previous = Previous
book-next = Next

book-seats-many = many ({ $seats })
book-seats-few = few ({ $seats })
book-seats-short = too few ({ $seats })
book-seats-none = none
book-seats-apart = no time fits

book-days-title = Which day?
book-days-none = No seats are left here. Please look for another place.
book-days-earlier = Earlier days
book-days-later = Later days
book-times-title = { $day }: at what time?
book-times-morning = Morning
book-times-afternoon = Afternoon
book-times-free = { $seats } free
book-times-together = together
book-times-apart = { $times }
book-times-before = ◂ { $day }
book-times-after = { $day } ▸
book-times-other-vaccine = Show { $name }

book-second-title = When is the second dose?
book-second-now = { $name }, dose { $dose }: { $when }
book-second-kept = The seats you held before are still yours.
book-second-back = Back to the seats you hold

book-full-title = This time has just been taken
book-full-text = Someone else was faster. What you chose is still here.
book-full-text-party = There are too few seats for all of you together. Nothing is held, and what you chose is still here.
book-passed-title = This time has passed
book-passed-text = It can’t be booked any more. Please choose another time.
book-no-second-title = There is no seat for the second dose
book-no-second-text = If the first dose is on this day, no seat is left for the second one in the time allowed. Please choose another time.
book-already-title = There is a booking already
book-already-text = { $name } has a booking. You can change its day or place there.
book-elsewhere-title = This can’t be booked here
book-elsewhere-text = { $name } can’t be booked from here. They can look with their own phone, or you can call a vaccination site.
book-too-many-title = You can’t book for more people
book-too-many-text = You have booked for as many people as one phone may. Please use the phone of someone else in the family.
book-not-eligible-title = Booking is not possible yet
book-not-eligible-text = { $name } can’t have the vaccine now or on that day. See from when it is possible.
book-refused-nearest = Nearest times
book-refused-other-days = See other days
book-refused-other-people = Choose the people again
book-see-booking = See the booking
