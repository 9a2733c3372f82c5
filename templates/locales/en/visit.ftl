# Somebody at the clinic.

visit-title = At the desk
visit-check-in = Check in
visit-identified = How did they show who they are?
visit-by-document = Identity card, passport or another document with a photo
visit-by-told = They said their name and birth date
visit-by-carer = A carer knows them
visit-screened = They answered the questions before the vaccination
visit-check-in-button = Check in
visit-not-today = The appointment is on another day. Nobody can be checked in for it today.
visit-record = Record the vaccination
visit-lot = Vaccine and lot
visit-lot-line = { $product }, lot { $lot }, until { $date }
visit-lot-choose = Choose the lot
visit-no-lots = The site has no lot that can be given today.
visit-body-site = Where was it given?
visit-left-arm = Left upper arm
visit-right-arm = Right upper arm
visit-left-thigh = Left thigh
visit-right-thigh = Right thigh
visit-record-button = Record the vaccination
visit-correct = Correct what was recorded
visit-correct-text = What was recorded before stays written down. This counts instead.
visit-correct-button = Record the correction
visit-no-show = They did not come
visit-no-show-button = Mark as “did not come”
visit-undo = Was that a mistake?
visit-undo-button = Undo the last step
visit-history = What was done
visit-history-line = { $when }, { $who }: { $what }
visit-given = { $product }, lot { $lot }, { $where }, { $when }.

visit-done-check-in = Checked in.
visit-done-record = The vaccination is recorded.
visit-done-no-show = Marked as “did not come”.
visit-done-undo = The last step is undone.
visit-done-correct = The correction is recorded.

visit-error-identified = Choose how they showed who they are.
visit-error-lot = Choose the vaccine and lot.
visit-error-body-site = Choose where it was given.
visit-error-changed = A colleague changed this booking meanwhile. The list below says who and what. Look again, then go on.
visit-error-not-now = This can’t be done with the booking as it stands now.
visit-error-other-day = This can be done only on the day of the appointment.
visit-error-still-to-come = The appointment has not begun yet.
visit-error-booked-again = They have another booking for this dose by now. Cancel that one first.
visit-error-no-lot = This site has no such lot. Choose another one.
visit-error-lot-expired = This lot has expired. Choose another one.
visit-error-lot-recalled = This lot was recalled. Choose another one.
visit-error-vaccine = This vaccine does not suit the person’s age, or the doses before or after it. Choose another one.

end-title = End of the day
end-unrecorded = Checked in, and not recorded
end-missing = Not here so far
end-nobody = Everybody who was expected by now has come.
end-text = Tick whoever did not come. Nothing is assumed: whoever you don’t tick stays as they are.
end-who = Who did not come?
end-more =
    { $count ->
        [one] { $count } more comes after these.
       *[other] { $count } more come after these.
    }
end-button = They did not come
end-error-nobody = Tick at least one person.
end-done =
    { $count ->
        [one] { $count } person is marked as not come.
       *[other] { $count } people are marked as not come.
    }
end-done-but = Marked as not come: { $count }. Left as they are, because a colleague has changed them: { $left }.
