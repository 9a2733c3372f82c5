# Cancelling a booking.

cancel-title = Cancel the booking?
cancel-what-happens = If you cancel, someone else can have this seat at once. This can’t be undone.
cancel-later = Later doses are cancelled too.
cancel-or-change = To come on another day, don’t cancel but change. You keep this seat until you have the new one.
cancel-do = Yes, cancel
cancel-keep = No, keep it
cancel-changed-meanwhile = The booking was changed meanwhile. Please check it again below.
cancel-late-title = It can’t be cancelled now
cancel-late-text = The time of the appointment has come, or the vaccination was given. If you have questions, ask the vaccination site.
