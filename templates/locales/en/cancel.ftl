# Cancelling a booking.

cancel-title = Do you want to cancel the booking?
cancel-what-happens = If you cancel, someone else can have this seat at once. This can’t be undone.
cancel-later = Later doses are cancelled too.
cancel-or-change = If you want to come on another day, change the booking instead. You keep this seat until you have the new one.
cancel-do = Cancel the booking
cancel-keep = Keep the booking
cancel-changed-meanwhile = The booking has changed since you opened this page. Check it again below.
cancel-late-title = You can’t cancel it now
cancel-late-text = The time of the appointment has come, or the vaccination is done. If you have questions, ask the vaccination site.
