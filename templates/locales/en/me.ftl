# My details: seeing them, mobile number, messages, e-mail, who books for me, downloading, erasing.

me-title = What we know about you
me-phone = Mobile number
me-email = E-mail address
me-email-none = None
me-email-remove = Remove the e-mail address
me-language = Language of messages
me-people = People you book for
me-people-count =
    { $count ->
        [one] { $count } person
       *[other] { $count } people
    }
me-bookings = Bookings
me-see = See
me-carers = Who can book for you
me-carers-none = Nobody. When someone adds you with your name, birth date and phone number, they appear here.
me-carers-more =
    { $count ->
        [one] And { $count } more person. They appear here when you stop one of those above.
       *[other] And { $count } more people. They appear here when you stop one of those above.
    }
me-carer = To this person you are: { $relation }
me-revoke = Stop this person
me-yours = Your details
me-download = Download all your details
me-sign-out-everywhere = Sign out on all devices
me-erase = Erase all your details

me-phone-title = What is your new mobile number?
me-phone-text = Your number now: { $phone }. We send a code to the new number. When you enter it, you sign in and get messages with the new number, and you are signed out on other devices. We tell the number you have now that it was changed.
me-phone-door = Everyone’s turn to book goes by their mobile number. If you change it now, you wait for the turn of the new number.
me-phone-new = New mobile number
me-phone-lost = You can’t use this code any more. Check the number and get a new code.
me-phone-taken = Someone has a list or a booking with the new number, so your number was not changed. If that is you, sign in with the new number to see them.
me-phone-changed = Your mobile number was changed. From now on, sign in with this number.
me-error-phone-same = This is the number you have now. Enter the new one.

me-messages-title = How do you want to get messages?
me-messages-kept = Saved. This is how we send messages from now on.
me-reminders = Reminders by text message
me-reminders-hint = You always get a text message when you book, change or cancel. Reminders by e-mail stay as they are.
me-reminders-yes = Yes
me-reminders-no = No
me-error-language = Choose the language of messages.
me-error-reminders = Choose whether to get reminders by text message.

me-email-title = What is your e-mail address?
me-email-text = You get messages about bookings by text message and by e-mail. First we send a code to the address.
me-email-hint = For example name@example.com
me-email-send = Send me a code
me-email-lost = You can’t use this code any more. Check the e-mail address and get a new code.
me-error-email-long = The e-mail address is too long. Enter a shorter one.

me-revoke-title = Do you want to stop this person from booking for you?
me-revoke-text = You disappear from their list, and they can’t book for you any more. Bookings they made for you are not cancelled: they stay and become yours.
me-revoke-yes = Stop this person
me-revoke-no = Leave it as it is

me-erase-title = Do you want to erase all your details?
me-erase-text = We erase your phone number, your e-mail address, and the names and birth dates of the people you book for. This can’t be undone.
me-erase-kept = By law we keep bookings without names and numbers (day, vaccination site, vaccine), and a record of when staff looked at them.
me-erase-coming = While a booking is still to come, nothing can be erased. Cancel the booking first.
me-erase-has-booking = Nothing was erased, because a booking is still to come.
me-erase-see-bookings = See and cancel bookings
me-erase-yes = Erase everything
me-erase-no = Don’t erase
