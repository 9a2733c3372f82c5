# What the authority sees of the messages.

messages-menu = Messages
messages-title = Messages
messages-waiting = Waiting to be sent now
messages-none = Nothing waits.
messages-wait = { $count }, the first since { $since }
messages-gateways = Gateways
messages-gateways-text = Gateways are the companies and servers that carry messages. Figures of this machine since it started. A gateway in trouble is left alone for up to a minute, or for as long as it asked, and then tried with one message. A paused one gets nothing on any machine.
messages-works = Works
messages-trouble = In trouble
messages-paused = Paused
messages-figures = Taken over { $sent }, on their way { $now }, refused for good { $refused }, to try again { $later }, unknown whether they went { $uncertain }
messages-pause = Pause { $name }
messages-resume = Let { $name } go on
messages-lost = Not arrived
messages-none-lost = Everything that was sent has arrived, as far as is known.
messages-failed = { $what }: { $count } did not arrive
messages-uncertain = { $what }: { $count } may have gone or not
messages-dead = { $what }: { $count } could not be sent
messages-again = Send again, 500 at most

messages-code = Codes by text message
messages-email-check = Codes by e-mail
messages-cancellation = Cancellations
messages-change = Changes
messages-confirmation = Confirmations
messages-care-notice = Notices to people who are cared for
messages-already-booked = Notices of a second booking
messages-phone-changed = Notices of a changed number
messages-turn = Turns at the door
messages-reminder = Reminders
