# The lots of a site.

lots-title = Vaccine lots
lots-none = No lot has been added yet.
lots-until = May be given until { $date }.
lots-is-recalled = Recalled
lots-has-expired = Expired
lots-recall = Recall this lot everywhere
lots-recalled = The lot is recalled at every site that has it.
lots-added = The lot is added.
lots-add = A lot has arrived
lots-expires = Last day on which it may be given
lots-add-button = Add the lot
lots-error-product = Choose a vaccine.
lots-error-number = Enter the lot number that is printed on the box, with { $most } signs at the most.
lots-error-date = Enter the last day like 2026-11-24.
lots-error-expired = This day has passed. Such a lot must not be given.
lots-error-other-day = The site has this lot already, with another last day. Check the box.
lots-error-recalled = This lot was recalled. It must not be given.
lots-lifted = The lot may be given again.
recall-sites =
    { $sites ->
        [one] { $sites } site has this lot.
       *[other] { $sites } sites have this lot.
    }
recall-people =
    { $people ->
        [0] Nobody is recorded as having got it.
        [one] { $people } person got it.
       *[other] { $people } people got it.
    }
recall-file = Everybody who got it (CSV)
recall-text = Once it is recalled, no site can record it any more. Those who got it are not told by this.
recall-lift-text = It was recalled, and can’t be recorded anywhere.
recall-lift = It may be given after all
recall-who = Recalled: who got it?
