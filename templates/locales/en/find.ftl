# Finding a booking by reference and phone. The words are the same whether it exists or not.

find-title = What are the reference and the mobile number of the booking?
find-text = We send a code to that phone.
find-reference-hint = 8 letters and digits, for example ABCD-EFGH
find-phone = Mobile number
find-phone-hint = The mobile number of the person who booked or who will be vaccinated, for example 010-0000-0000
find-send = Send me a code
find-sign-in = If you don’t know the reference, find it by your mobile number
find-neither = If you can’t get text messages, call the vaccination site you booked.
find-lost = The code is too old, or this browser lost what we had stored in it (cookies). Enter these again.
find-closed = The booking is closed on this device.
find-tries = The code was wrong too many times. Begin again here.
find-reference-empty = Enter the reference.
find-reference-length = Enter the 8 letters and digits of the reference, for example ABCD-EFGH.
find-reference-confusable = References have no digits 0 and 1 and no letters I, L and O. Look again for a letter or digit like it.
find-reference-sign = Enter only letters and digits.
find-reference-check = A letter or digit of the reference is wrong, or two are swapped. Check them one by one.
find-code-title = What is the code to find your booking?
find-code-text = If a booking fits, we sent a text message to { $phone }.
find-code-until = You can use the code until { $time }.
find-code-label = Code
find-code-hint = 6 digits
find-code-wrong =
    { $left ->
        [one] This is not the code. Enter the last one you got. You can try { $left } more time.
       *[other] This is not the code. Enter the last one you got. You can try { $left } more times.
    }
find-code-digits = Enter the 6 digits.
find-code-missing = If no message comes
find-code-missing-text = Check that the reference and the mobile number are right. If they are, send it again after a minute.
find-code-again = Send the code again
find-code-sent-again = If a booking fits, we sent the message again.
