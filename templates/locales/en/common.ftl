# What stands on every page: header and footer, buttons, errors that all forms share.

frame-product = Sunbeon
frame-tagline = Vaccination booking
frame-skip = Skip to the main content
frame-menu = Menu
frame-home = Home
frame-bookings = See, change or cancel
frame-people = People I book for
frame-me = My details
frame-roster = Today’s list
frame-sign-out = Sign out
frame-staff = Signed in as { $name }
frame-demo = This is a practice site. Nothing is really booked.
frame-demo-messages = See the messages sent
frame-help = If you need help, call a vaccination site.
frame-privacy = We keep names and phone numbers encrypted, so that others can’t read them. You can see and erase them at any time.

button-continue = Continue
button-back = Back
button-save = Save
button-change = Change
button-remove = Remove
button-confirm = Confirm the booking
button-search = Search
button-add = Add
button-sign-in = Sign in
button-yes = Yes

step-current = Step { $step } of { $total }

birth-year = Year
birth-month = Month
birth-day = Day

error-title = Error:
error-summary-title = Check what you entered
error-too-long =
    { $most ->
        [one] Use no more than { $most } character.
       *[other] Use no more than { $most } characters.
    }
error-name = Enter the name.
error-phone = Enter a phone number like 010-0000-0000.
error-email = Enter an e-mail address like name@example.com.
error-date = Enter a real date, with four digits for the year: for example 9 March 1947.
error-date-future = Enter a date in the past.
error-consent = Tick this if they have agreed.
