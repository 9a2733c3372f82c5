# The list of people to book for; adding, changing and removing one.

people-title = People you book for
people-none = Nobody yet. First add yourself or someone in your family.
people-more = Add someone
people-most =
    { $most ->
        [one] You can add { $most } person.
       *[other] You can add up to { $most } people.
    }
people-full =
    { $most ->
        [one] You have added { $most } person, which is all you can. To add someone else, remove them first.
       *[other] You have added all { $most } people. To add someone else, remove one of them first.
    }
people-add = Add a person

people-relation = Relation to you
people-birth = Birth date
people-messages = Messages go to
people-birth-on =
    { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }

people-relation-me = Me
people-relation-mother = Mother
people-relation-father = Father
people-relation-spouse = Husband or wife
people-relation-child = Child
people-relation-grandparent = Grandmother or grandfather
people-relation-other = Someone else

people-messages-theirs = Their phone
people-messages-mine = My phone
people-messages-both = Both phones
people-messages-no-phone = They have no mobile phone (use mine)

people-title-new = Who do you want to add?
people-title-me = What are your name and birth date?
people-title-change = What has changed?
people-me-text = To book, we need the name and birth date of the person who will be vaccinated.
people-my-name = Your name
people-my-birth = Your birth date
people-name = Name
people-name-hint = Enter it as it is written on the identity card.
people-birth-hint = For example 9 March 1947. Year first.
people-relation-question = What is their relation to you?
people-messages-question = Whose phone should get the messages about bookings?
people-add-me = Add myself
people-phone = Their mobile number
people-phone-silent = { $phone } (gets no messages)
people-phone-hint = Enter this only if you chose “Their phone” or “Both phones”. For example 010-0000-0000
people-consent = They agree that I book for them.

people-error-relation = Choose their relation to you.
people-error-name-unreadable = Enter the name in letters, for example Kim Sunja.
people-error-birth-year = Enter the year of birth with four digits, for example 1947.
people-error-messages = Choose whose phone should get the messages.
people-error-phone-needed = Enter their mobile number. If they have none, choose “They have no mobile phone”.
people-error-phone-mobile = Enter a mobile number that can get text messages. If they have none, clear the number and choose “They have no mobile phone”.
people-error-phone-or-none = You chose “They have no mobile phone”. Clear the number or choose something else.
people-error-too-many =
    { $most ->
        [one] You can add only { $most } person. Remove them from the list and try again.
       *[other] You can add only { $most } people. Remove one from the list and try again.
    }
people-error-me-twice = You are on the list already. Choose something else.
people-error-has-booking = The name, birth date and phone number can’t be changed while there is a booking. Cancel the booking first, or call the vaccination site.
people-error-gone = This person was removed from the list. Add them again if you need to.

people-remove-title = Do you want to remove { $name } from the list?
people-remove-text = Their bookings are not cancelled: they stay as they are. You can add them again later.
people-remove-coming =
    { $count ->
        [one] { $count } booking is still to come. If they don’t need it any more, cancel it first.
       *[other] { $count } bookings are still to come. If they don’t need them any more, cancel them first.
    }
people-remove-yes = Remove from the list
people-remove-no = Keep on the list
