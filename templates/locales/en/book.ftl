# Booking: for whom, where, when.
book-start-title = Which vaccination do you want to book?
book-start-none = No vaccination can be booked now
book-start-later = Opening soon
book-start-opens = You can book from { $when }.

book-who-title = Who will be vaccinated?
book-who-campaign = See who can book, and when
book-who-empty = There is nobody to book for yet. Add someone first.
book-who-choose = People
book-who-hint = If you choose several people, they are booked together: the same place, at the same time or one close to it.
book-who-person = { $relation }, aged { $age }
book-who-others = They can’t be booked now
book-who-opens = You can book from { $when }.
book-who-evening = People of other birth years are booking just now. You can book for them from { $when }.
book-who-booked = They have a booking already.
book-who-not-included = This vaccination is not for them.
book-who-no-vaccine-for-age = No vaccine suits this age.
book-who-closed = Booking has ended.
book-who-add-me = Add myself
book-who-add-other = Add someone else
book-who-nobody = Choose at least one person.
book-who-not-open = Choose only people who can be booked now.
book-who-no-common-vaccine = Their ages differ, so they can’t have the same vaccine. Book for them one by one.
book-who-different-doses = Some of them need only the second dose. Book for them one by one.

book-where-title = Where do you want to go?
book-where-province = Province or city
book-where-district = District of { $province }
book-where-sites =
    { $sites ->
        [one] { $place } ({ $sites } site)
       *[other] { $place } ({ $sites } sites)
    }
book-where-place = { $district }, { $province }
book-where-around = around { $place }
book-where-or-near = Or search by the name of a place
book-where-near = Name of a place or a vaccination site
book-where-near-hint = For example Gangnam, Suwon, Seoul Medical Center
book-where-meant = Several places fit “{ $text }”. Choose one
book-where-nothing = “{ $text }” was not found. Search for the name of a district instead.

book-sites-title = Which vaccination site?
book-sites-found =
    { $sites ->
        [one] { $place }: { $sites } site
       *[other] { $place }: { $sites } sites
    }
book-sites-nearest = { $place }: the { $sites } best matches
book-sites-elsewhere = Look in another place
book-sites-around = Show sites near this district too
book-sites-by-name = Sort by name
book-sites-by-distance = Sort by distance
book-sites-none = No site is like that. Ask for less, or look in another place.
book-sites-full = No seats
book-sites-distance = { $kilometres } km
book-sites-day = { $day }: { $seats }
book-sites-filter = Show only some sites
book-sites-features = What you need
book-sites-apply = Show these sites
book-step-free = no steps
book-evenings = evenings
book-weekend = weekends
book-parking = parking
book-vaccine = Vaccine
book-vaccine-any = Any vaccine
book-another-place = Look for another place
book-previous = Previous page
book-next = Next page

book-seats-many = many seats left ({ $seats })
book-seats-few = few seats left ({ $seats })
book-seats-short = too few seats ({ $seats })
book-seats-none = no seats
book-seats-apart = no time together

book-days-title = Which day do you want?
book-days-none = No seats are left here. Look for another place.
book-days-earlier = Earlier days
book-days-later = Later days
book-times-title = { $day }: which time do you want?
book-times-morning = Morning
book-times-afternoon = Afternoon
book-times-free = { $seats } free
book-times-together = together
book-times-apart = { $times }
book-times-before = ◂ { $day }
book-times-after = { $day } ▸
book-times-other-vaccine = Show another vaccine: { $name }

book-second-title = Which day do you want for the second dose?
book-second-now = Dose { $dose }: { $when }
book-second-kept = The seats you held before are still yours.
book-second-back = Back to the seats you hold

book-full-title = This time has just been taken
book-full-text = Someone else booked it first. What you chose is still here. Choose another time.
book-full-text-party = There are too few seats for all of you together. Nothing is held, and what you chose is still here. Choose another time.
book-passed-title = This time can’t be booked
book-passed-text = It has passed, or the site does not offer it any more. Choose another time.
book-no-second-title = There is no seat for the second dose
book-no-second-text = If the first dose is on this day, no seat is left for the second one in the time allowed. Choose another time.
book-already-title = There is a booking already
book-already-text = { $name } has a booking already. You can change its day or place on the page of the booking.
book-elsewhere-title = This can’t be booked here
book-elsewhere-text = { $name } can’t be booked from here. Sign in with the phone of { $name }, or call a vaccination site.
book-too-many-title = You can’t book for more people
book-too-many-text = You have booked for as many people as one phone may. Use the phone of someone else in the family.
book-not-eligible-title = Booking is not possible yet
book-not-eligible-text = { $name } can’t be booked now, or can’t have the vaccine on that day. See from when it is possible.
book-refused-nearest = Nearest times
book-refused-other-days = See other days
book-refused-other-people = Choose the people again
book-see-booking = See the booking
