# About a campaign: who, when, which vaccine.
campaign-opens = You can book from { $when }.
campaign-until = You can book now, until { $when }.
campaign-until-some = Whether you can book now depends on the year you were born in. Booking ends on { $when }.
campaign-closed = Booking has ended.
campaign-book-me = Book for me
campaign-book-other = Book for someone I care for
campaign-who = Who can have it?
campaign-everyone = Everyone can have it.
campaign-born-until = Born in { $to } or before
campaign-born-from = Born in { $from } or later
campaign-born-between = Born from { $from } to { $to }
campaign-cohort-open = You can book now
campaign-cohort-opens = You can book from { $when }
campaign-cohort-closed = Booking has ended
campaign-prepare = You can book faster if you sign in and add the people you book for before booking begins.
campaign-when = When is it?
campaign-days-from-to = From { $first } to { $last }
campaign-which = Which vaccines are there?
campaign-any-age = for any age
campaign-ages-from = from { $youngest } years of age
campaign-ages-until = up to { $oldest } years of age
campaign-ages-between = from { $youngest } to { $oldest } years of age
campaign-interval = The second dose comes { $first } to { $last } after the first. { $best } is best.
campaign-weeks =
    { $weeks ->
        [one] { $weeks } week
       *[other] { $weeks } weeks
    }
campaign-days =
    { $days ->
        [one] { $days } day
       *[other] { $days } days
    }
campaign-doses = You need { $doses } doses. You book all of them at once.

campaign-door = So many people want to book on { $when } that we let them in one after the other.
campaign-door-now = Many people are booking now, so until { $when } we let them in one after the other.
campaign-door-link = See your turn
campaign-standby = Be told when vaccine is left over
