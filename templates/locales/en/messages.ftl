# Text messages and e-mail. Carriers take EUC-KR only, so no other characters (long dashes, curly quotes) stand here.
# The code's text stays within 90 bytes and a text message's subject within 40. A test measures both.

message-brand = [Sunbeon]

message-code = Code { $code } ({ $minutes } min)
message-code-warning = Never share it.

message-turn = Your turn to book is at about { $time } on { $date }.
message-turn-now = It is your turn to book now.
message-turn-unknown = Look up when your turn to book is.

message-confirmation-subject = [Sunbeon] Booking confirmed
message-confirmation-lead = Your vaccination booking is confirmed.
message-confirmation-lead-count =
    { $count ->
        [one] { $count } vaccination booking is confirmed.
       *[other] { $count } vaccination bookings are confirmed.
    }
message-change-subject = [Sunbeon] Booking changed
message-change-lead = Your vaccination booking has changed. Check the new time and place.
message-change-lead-count =
    { $count ->
        [one] { $count } vaccination booking has changed. Check the new time and place.
       *[other] { $count } vaccination bookings have changed. Check the new times and places.
    }
message-cancellation-subject = [Sunbeon] Booking cancelled
message-cancellation-lead = Your vaccination booking is cancelled.
message-cancellation-lead-count =
    { $count ->
        [one] { $count } vaccination booking is cancelled.
       *[other] { $count } vaccination bookings are cancelled.
    }
message-reminder-subject = [Sunbeon] Appointment soon
message-reminder-lead = Your vaccination appointment is soon.
message-reminder-lead-count =
    { $count ->
        [one] { $count } vaccination appointment is soon.
       *[other] { $count } vaccination appointments are soon.
    }
message-second-dose-reminder-subject = [Sunbeon] Next dose soon
message-second-dose-reminder-lead = The appointment for your next dose is soon. Come on that day: the time between the doses matters.
message-second-dose-reminder-lead-count =
    { $count ->
        [one] { $count } appointment for a next dose is soon.
       *[other] { $count } appointments for a next dose are soon.
    }

message-booked-by-other = Someone who cares for you booked it for you.
message-what = { $person }, { $campaign }, { $product }
message-what-dose = { $person }, { $campaign }, { $product } dose { $dose }
message-brief = { $person }, { $date }, { $time }, reference { $reference }
message-brief-dose = { $person }, dose { $dose }, { $date }, { $time }, reference { $reference }
message-reference = Reference { $reference }
message-site-phone = Phone { $phone }
message-bring = Bring your identity card. If you have a fever or feel ill, change the day.
message-link-manage = See, change or cancel
message-link-again = Book again

message-care-notice-subject = [Sunbeon] Your phone number
message-care-notice-lead = Someone gave this number as the contact for a vaccination booking.
message-care-notice-quiet = We will not write to this number again until you have looked. If you know nothing about it, you need not do anything.
message-care-notice-link = See what it is

message-email-check-subject = [Sunbeon] Check your e-mail address
message-email-check-lead = Your code is { $code }.
message-email-check-words = Enter it on the booking page within { $minutes } minutes. If you did not ask for it, delete this e-mail.

message-test = This is a test message. There is nothing to do.
message-test-subject = [Sunbeon] Test message

message-phone-changed-notice-subject = [Sunbeon] Mobile number changed
message-phone-changed-notice-lead = The mobile number of your vaccination bookings was changed to another one.
message-phone-changed-notice-words = From now on messages go to the new number. If you did not change it, call the vaccination site of your booking at once.

# A reply with this word in it asks to cancel a booking.
message-reply-word = CANCEL
message-reply-hint = To cancel by text, reply CANCEL and the reference.
message-cancel-code-subject = [Sunbeon] Confirm the cancellation
message-cancel-code-lead = To cancel the booking below, reply with this code within { $minutes } minutes: { $code }
message-cancel-code-again = Not cancelled yet. To cancel the booking below, reply with this code again: { $code }
message-cancel-code-quiet = To keep it, do not reply. Nothing changes then.
message-cancel-unknown-subject = [Sunbeon] Which booking?
message-cancel-unknown-lead = Nothing is cancelled. We do not know which booking you mean, or the code is wrong or too old.
message-cancel-unknown-words = Reply CANCEL and the reference together, like this: CANCEL ABCD-EFGH. The reference is in the message about your booking.
message-cancel-late-subject = [Sunbeon] Too late to cancel
message-cancel-late-lead = This booking can no longer be cancelled. It is cancelled already, or its time has passed.

message-displaced-subject = [Sunbeon] Another time is needed
message-displaced-lead = { $what }: { $site } has to close, and can’t give this vaccination on { $time }.
message-displaced-kept = A seat nearby is kept for you until { $until }.
message-displaced-link-kept = Take this time, or choose another
message-displaced-link = Choose another time
message-offer-subject = [Sunbeon] A vaccine is left over
message-offer-lead = A vaccine is left over for { $person }. Answer by { $answer }; after that the next person is asked.
message-offer-come = Come by { $time } today.
message-offer-link = Take it, or say no

message-aftercare-subject = [Sunbeon] After the vaccination
message-aftercare-lead = The vaccination is recorded: { $what }.
message-aftercare-rest = Stay at the clinic for 15 to 30 minutes. Rest today. A sore arm, tiredness or a light fever are common and pass within two days.
message-aftercare-help = If breathing is hard, the face swells, or a rash spreads, call 119 at once. If a fever lasts longer than two days, see a doctor.
message-aftercare-next = The next dose is booked:
message-aftercare-book = Book the next dose

message-already-booked-notice-subject = [Sunbeon] Booking attempt
message-already-booked-notice-lead = Someone tried to book a vaccination again with the same name and birth date.
message-already-booked-notice-words = There is a booking for { $campaign } already, so we did not make another. Your booking stays as it is.

message-letter-footer = This e-mail was sent automatically. We can’t read replies.
message-calendar-summary = Vaccination ({ $person })
