# The account of staff, and the authenticator app.

clinic-code-title = Enter the code from your app
clinic-code = Six digits from your authenticator app
clinic-code-hint = If you can’t use the app, enter a recovery code.
clinic-code-help = If you have no recovery code either, ask whoever gave you your login to open your account again.
clinic-code-other = Sign in as somebody else
clinic-code-late = The time for a code is over. Begin with your password again.
clinic-code-tries = Too many codes were wrong. Begin with your password again.
clinic-error-no-code = Enter the code.
clinic-error-code = The code is wrong or was used before. Wait until the app shows a new one and enter that. If it is never right, check the clock of your phone.
clinic-error-code-paused = Too many wrong codes were tried for this login. Enter a recovery code, or wait an hour. If it was not you, somebody knows your password: tell whoever gave you your login.

account-title = Your account
account-sessions = Where you are signed in
account-here = The screen you are looking at
account-near = Another screen in the same network
account-elsewhere = A screen in another network
account-began = Signed in { $time }
account-end = Sign out there
account-end-others = Sign out everywhere else
account-ended = Signed out there.
account-ended-others = Signed out everywhere else.
account-password = Change your password
account-password-now = Your password now
account-password-new = New password
account-password-hint = At least { $least } characters. A long sentence is fine.
account-password-again = The new password once more
account-password-change = Change password
account-password-done = Your password was changed. All other screens are signed out.
account-error-password = That is not your password now. Enter it again.
account-error-short = Enter a new password of at least { $least } characters.
account-error-again = The two new passwords differ. Enter it again.

factor-heading = Authenticator app
factor-on = Signing in takes your password and a code from your app.
factor-codes-left = { $count ->
    [one] { $count } recovery code is unused.
   *[other] { $count } recovery codes are unused.
}
factor-off = Set up an authenticator app, so that nobody can come in with your password alone.
factor-set-up = Set up an app
factor-anew = Set up an app again
factor-title = Set up an authenticator app
factor-text = Scan the picture with the authenticator app on your phone, such as Google Authenticator. Then enter the code that the app shows.
factor-qr = QR code for the authenticator app
factor-by-hand = If you can’t scan it, type these letters into the app.
factor-code = Six digits that the app shows
factor-present = A code from the app you have now, or a recovery code
factor-present-hint = The app that you have used until now.
factor-begin = Finish
factor-error-code = That code is wrong. Enter the one that the app shows now.
factor-error-late = This page was open for too long, and the picture has changed. Scan the new one and enter its code.

recovery-title = Write down your recovery codes
recovery-text = They stand in for the app when you have lost your phone. Each works once, and this page can’t be shown again. Write them down or print them, and keep them somewhere safe.
recovery-done = I have written them down

role-clinic = Clinic staff
role-call-centre = Call centre
role-authority = Health authority
role-auditor = Auditor
