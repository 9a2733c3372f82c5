# The door of a line: whoever comes first is let in first.

line-announced-title = The line has not begun yet
line-announced = You can stand in line from { $when }.
line-title = Do you want to stand in line?
line-text = Many people want to book, so we let them in one after the other, in the order in which they came. You stand in line from the moment you press the button.
line-cookie = This browser keeps your place, in what is called a cookie. Come back with the same browser and don’t delete its cookies: without this one, you have to stand in line anew.
line-devices = With several devices you stand in line several times. Each place lets in one mobile number, and one number needs only one place.
line-join = Stand in line
line-error-network = Too many places in line were taken from your network. Press the button again in a few minutes, or with mobile data.
line-lost = The place that this browser kept doesn’t count here. You can stand in line anew.
line-used = Somebody came in with this place already, with another mobile number. You can stand in line anew.
line-soon-title = It is nearly your turn
line-phone-title = It is your turn. What is your mobile number?
line-phone-text = We send you a code to prove that the number is yours. Then you come in and book.
line-phone-hint = You come in and book with this number.

# A waiting page of a line. It is the same for everybody who came in the same minute.

wait-line-title = You came to the line at { $when }
wait-line-begun = Those who came at the same time are being let in now, one after the other.
wait-line-own = See my own turn
wait-line-turn = Those who came at the same time are let in from about { $when } on.
wait-line-turn-day = Those who came at the same time are let in on { $date } from about { $time } on.
wait-line-entering = Those who came at { $when } are being let in now.
wait-line-close = You can close this page. Your place stays yours, also if you come later, as long as this browser keeps its cookie.
wait-line-place = This browser keeps your place. On another device you would have to stand in line anew.
