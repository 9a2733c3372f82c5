# My details: seeing them, e-mail, who books for me, downloading, erasing.

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
