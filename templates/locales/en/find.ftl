# Finding a booking by reference and phone. The words are the same whether it exists or not.

find-title = Which booking are you looking for?
find-text = Enter the reference and a phone number. We send a code to that phone.
find-reference-hint = 8 letters and digits, for example ABCD-EFGH
find-phone = Phone number
find-phone-hint = The mobile of whoever booked or is vaccinated, for example 010-0000-0000
find-send = Get a code
find-sign-in = I don’t know the reference. Find it with my phone
find-neither = If you can’t get text messages, call the vaccination site.
find-lost = The code has run out, or a cookie was deleted. Please enter this again.
find-tries = The code was wrong too many times. Please begin again.
find-reference-empty = Enter the reference.
find-reference-length = A reference has 8 letters and digits, for example ABCD-EFGH.
find-reference-confusable = References have no digits 0 and 1 and no letters I, L and O. Look for a similar sign.
find-reference-sign = References have only letters and digits.
find-reference-check = A sign of the reference is wrong, or two are swapped. Compare it sign by sign.
find-code-title = What is the code we sent?
find-code-text = If a booking fits, we sent a text message to { $phone }.
find-code-until = The code can be used until { $time }.
find-code-label = Code
find-code-hint = 6 digits
find-code-wrong =
    { $left ->
        [one] This code is wrong. You can try once more.
       *[other] This code is wrong. You can try { $left } more times.
    }
find-code-digits = Enter the 6 digits.
find-code-missing = No message?
find-code-missing-text = Check that the reference and the phone are right. If they are, send it again after a minute.
find-code-again = Send it again
find-code-sent-again = If a booking fits, we sent the message again.
