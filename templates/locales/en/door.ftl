# The door: when somebody's turn is, and coming in.

door-title = Which number decides your turn?
door-text = Many people want to book at once, so we let them in one after the other. Your mobile number decides when it is your turn: the order was drawn by lot. Coming early, or with several devices, changes nothing.
door-phone = Mobile number
door-phone-hint = It is only used to find your turn. You book with the same number.
door-error-network = Too many turns were asked for from your network. Try again in a few minutes, or with mobile data. Your turn stays the same.
door-look = See my turn
door-for = Who can book then: { $who }.
door-announced = You can see your turn from { $when }.
door-not-drawn = The lots have not been drawn yet. Come back a little later.
door-prepare = It goes faster if you write down the people you book for beforehand.
door-prepare-told = Then we also text you when your turn is, once the lots are drawn.
door-tell = Text me when my turn is
door-told = You have written down whom you book for. Once the lots are drawn, we text you when your turn is.
door-text-declined = We won’t text you when your turn is.
door-tell-not = Don’t text me
door-enter-title = It is your turn. Do you want to come in?
door-enter-text = You have 20 minutes to book. If you need longer, you can come in again.
door-enter = Come in and book

# No seat is free.

full-title = No seat is free at the moment
full-text = All seats that can be booked now are taken, or held for somebody who is booking.
full-again = Seats come back when somebody cancels, or when a vaccination site adds some. Look again at any time until { $until }.
full-turn = You lose nothing by that: your turn stays yours.
full-others = See other vaccinations
full-bookings = See a booking I have

# A waiting page. It is the same for everybody in a group.

wait-title = You are in group { $group }
wait-come-title = It is your turn now
wait-begun = Your group is coming in right now. If you are sent back to this page, try again after a few seconds.
wait-come = You can come in now, or at any time until { $until }.
wait-over = Nobody has to wait any more. You can come in at any time.
wait-go = Go on
wait-paused = Nobody is let in at the moment. Your turn is not lost.
wait-opens = The first people are let in on { $when }.
wait-turn = Your turn is at about { $when }.
wait-turn-day = Your turn is on { $date } at about { $time }.
wait-unknown = We can’t say yet when it will be your turn. You can come in on { $when } at the latest.
wait-of = You are in group { $group } of { $groups }.
wait-entering = Group { $group } is being let in now.
wait-close = You can close this page. Your turn stays yours, also if you come later.
wait-place = Your mobile number decides your turn. It is the same on every device.
wait-now = Look now
wait-refresh = This page looks again by itself.
wait-stop = Stop that
wait-stopped = This page does not look again by itself.
wait-again = Let it look again
wait-other-phone = Another number?
wait-door = See its turn
