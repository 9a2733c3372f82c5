# Who looked at whom.

audit-title = Access log
audit-hint = Those who saw most names come first. Choose a login to see each entry.
audit-nobody = Nothing was written down in this month.
audit-nothing = Nothing was written down for this login in this month.
audit-names = Names seen in full
audit-files = Files taken
audit-all = All entries
audit-more = { $count } more. Find them by their login.
audit-one = The entries of one person
audit-show = Show entries
audit-why = Why
audit-file = The whole month as a file
audit-reason = Why you take it
audit-reason-hint = The reason is written down, too.
audit-take = Get the table (CSV)
audit-error-reason = Write down why you take the file.
audit-act-name = Saw a name in full
audit-act-desk = Saw a booking at the desk
audit-act-find = Looked for somebody
audit-act-roster = Saw a roster
audit-act-file = Took a file
audit-act-audit = Read the access log
audit-act-account = Changed their account
audit-act-did = Recorded a visit
audit-act-callers = Told a caller their turn
audit-act-evening = Changed the waiting room or messages
