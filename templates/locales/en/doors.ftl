# The doors, for the authority that leads an evening.

doors-title = Which evening do you want to see?
doors-none = No evening is announced.
doors-opens = It opens on { $when }.
doors-announced = It is announced.
doors-joining = People can ask for their turn. Nobody is let in yet.
doors-entering = People are being let in.
doors-over = It is over. Whoever comes walks in.
doors-menu = Evenings

doors-door-title = The evening of { $campaign }
doors-not-drawn = The lots have not been drawn yet.
doors-again = Look again by itself
doors-still = The door has not moved since { $time }. Look at the service and its database.
doors-nobody = Nobody has asked for their turn yet.
doors-paused = Nobody is let in: the door stands still.
doors-pace-automatic = As many people are let in as there is room for: { $sessions } book at the same time, at most.
doors-pace-fixed = People let in each second: { $people }, whatever is free.
doors-asked = Phones that asked for their turn, about
doors-admitted = Phones let in
doors-booked = Seats booked
doors-sessions = Booking now
doors-sessions-of = { $alive } of at most { $cap }
doors-cap = Booking at once, at most
doors-note = Announcement
doors-ms = { $ms } ms
doors-step = Answer while booking, in thousandths of a second

doors-acts = What do you want to do?
doors-pause = Pause
doors-pause-ask = Pause …
doors-resume = Go on
doors-slower = Let in a tenth fewer
doors-faster = Let in a tenth more
doors-automatic = As many as there is room for
doors-open = Let everybody in
doors-open-ask = Let everybody in …
doors-write = Set a pace, or announce something
doors-people = People each second
doors-pace = Set this pace
doors-say-ko = Announcement in Korean
doors-say-en = Announcement in English
doors-say-hint = It stands on the page of everybody who waits. Leave both empty to take it away.
doors-say = Announce this
doors-error-people = Enter how many people are to be let in each second, as a number such as 120.
doors-error-both = Enter the announcement in both languages.

doors-sure-pause = Do you really want to pause?
doors-sure-pause-text = Nobody else is let in until you go on. Those who are inside can finish booking, and nobody loses their turn.
doors-sure-open = Do you really want to let everybody in?
doors-sure-open-text = Everybody who waits comes in within moments. This can’t be undone: whoever’s turn has come keeps it.

doors-done-pause = The door stands still. We wrote down that you did it.
doors-done-resume = The door goes on. We wrote down that you did it.
doors-done-slower = A tenth fewer people are let in. We wrote down that you did it.
doors-done-faster = A tenth more people are let in. We wrote down that you did it.
doors-done-automatic = As many people are let in as there is room for. We wrote down that you did it.
doors-done-open = Everybody is being let in. We wrote down that you did it.
doors-done-pace = The pace is set. We wrote down that you did it.
doors-done-say = Everybody who waits can read it now. We wrote down that you did it.

doors-evening = The evening so far
doors-chart = From the opening until now. The highest value is { $most }. The numbers stand in the table below.
doors-open-until = who came until { $time }
doors-chart-open = Places whose turn has come
doors-chart-came = Phones let in (solid line) and seats booked (dashed line)
doors-chart-sessions = People booking now (solid line) and how many there may be (dashed line)
doors-chart-steps = How long 95% of booking steps take at most
