# The pages that ask for the mobile number and the code.

sign-in-title = What is your mobile number?
sign-in-text = We send you a code by text message. You don’t need a password.
sign-in-phone = Mobile number
sign-in-phone-hint = For example 010-0000-0000
sign-in-send = Send me a code
sign-in-no-mobile = If you have no mobile phone, ask someone in your family or call a vaccination site.
sign-in-lost = The code is too old, or this browser lost what we had stored in it (cookies). Enter your number again.
sign-in-kept = What you entered is still here. Sign in to go on.
sign-in-out-everywhere = You are signed out on all devices.
sign-in-erased = Your details are erased. You are signed out on this device too.

sign-in-error-mobile = Enter a mobile number that can get text messages, for example 010-0000-0000.
sign-in-error-country = We can’t send text messages to this country. Enter a Korean mobile number.
sign-in-error-too-many = We sent several codes to the same place. Use the last one, or try again in an hour.
sign-in-error-network = Too many codes were asked for from your internet connection. Try again in 10 minutes or use another connection.
sign-in-error-all = Many people are asking for codes right now. Try again in a minute.
sign-in-error-tries = The code was wrong too many times. Get a new code.
sign-in-error-wrong-code =
    { $left ->
        [one] This is not the code. Enter the last one you got. You can try { $left } more time.
       *[other] This is not the code. Enter the last one you got. You can try { $left } more times.
    }
sign-in-error-six-digits = Enter the 6 digits.

sign-in-code-title = What is the code you got?
sign-in-code-phone = We sent a text message to { $to }.
sign-in-code-email = We sent an e-mail to { $to }.
sign-in-code-until = You can use the code until { $time }.
sign-in-code-label = Code
sign-in-code-hint = 6 digits
sign-in-code-missing = If no code comes
sign-in-code-missing-text = If it has not come after a minute, send it again. You will get the same code.
sign-in-code-again = Send the code again
sign-in-code-sent-again = We sent the code again.
sign-in-code-soon =
    { $seconds ->
        [one] We sent it a moment ago. You can send it again in { $seconds } second.
       *[other] We sent it a moment ago. You can send it again in { $seconds } seconds.
    }
sign-in-change-number = Enter the mobile number again
sign-in-change-address = Enter the e-mail address again

sign-in-birth-title = What is the birth date of one of the people you book for?
sign-in-birth-text = Nobody has signed in with this mobile number for 90 days or more, and a number can pass to someone else. Before we show what is stored, we check once more that it is yours.
sign-in-birth-who = Enter the birth date of any one person you book for. If you book for yourself, yours counts too.
sign-in-birth-wrong =
    { $left ->
        [one] None of the people you book for has this birth date. Check the year, the month and the day. You can try { $left } more time.
       *[other] None of the people you book for has this birth date. Check the year, the month and the day. You can try { $left } more times.
    }
sign-in-birth-new = If the number is new to you
sign-in-birth-new-text = Someone else may have used it before you. You can begin with an empty list.

sign-in-anew-title = Do you want to begin with an empty list?
sign-in-anew-tries = The birth date was wrong too many times. What was stored under this number before can’t be opened any more.
sign-in-anew-text = You sign in with your mobile number and add the people you book for anew. What was stored under this number before is not shown, and can’t be opened with this number any more.
sign-in-anew-kept = Bookings that were made with this number before are kept. Messages about them no longer come to this number. To change or cancel one, call the vaccination site you booked.
sign-in-anew-yes = Begin with an empty list

sign-in-go-on-title = Do you want to go on?
sign-in-go-on-text = You are signed in. What you entered before is still here. Press the button to go on.
