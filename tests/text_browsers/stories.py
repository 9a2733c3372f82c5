"""What people do with a text browser. Each story is told in both."""

import re

from visitor import DAY, REFERENCE, SITE, TIME, WITH_SITES

DAUGHTER, MOTHER = "김민지", "박순자"


def a_daughter_books_for_herself_and_her_mother(visitor):
    """Signs in by code, adds both, books for both, changes her own booking and cancels her mother's."""
    hold_for_both(visitor, "home-me")
    visitor.expect(DAUGHTER)
    visitor.expect(MOTHER)
    visitor.press("button-confirm")
    visitor.arrive("done-title")
    references = set(re.findall(REFERENCE, visitor.text()))
    assert len(references) == 2, visitor.text()
    change_ones_own(visitor)
    cancel_mothers(visitor)
    visitor.press("frame-bookings")
    visitor.arrive("bookings-title", visitor.say("booking-state-cancelled"))
    visitor.expect(visitor.say("booking-state-booked"))


def a_visitor_whose_cookies_vanish_loses_nothing(visitor):
    """Loses the cookies while a seat is held, signs in again and confirms; loses them once more, and finds the booking."""
    hold_for_both(visitor, "home-other")
    visitor.browser.forget_cookies()
    visitor.arrive_as_a_stranger("sign-in-title")
    visitor.sign_in()
    visitor.arrive("hold-title", MOTHER)
    visitor.press("button-confirm")
    visitor.arrive("done-title")
    references = re.findall(REFERENCE, visitor.text())
    visitor.browser.forget_cookies()
    visitor.arrive_as_a_stranger("sign-in-title")
    find_by_reference(visitor, references[0])


def hold_for_both(visitor, whom):
    """Comes in by one of the first page's ways, signs in, adds both and holds their seats."""
    visitor.arrive_speaking("home-title")
    visitor.press(whom)
    visitor.arrive("book-start-title")
    visitor.follow_first(r"인플루엔자|influenza")
    visitor.sign_in()
    visitor.arrive("book-who-title")
    add_both(visitor)
    hold_seats(visitor)


def add_both(visitor):
    visitor.press("book-who-add-me")
    visitor.arrive("people-title-me")
    visitor.fill("people-my-name", DAUGHTER)
    fill_birth(visitor, "1961", "5", "6")
    visitor.press("button-save")
    visitor.arrive("book-who-title", DAUGHTER)
    visitor.press("book-who-add-other")
    visitor.arrive("people-title-new")
    correct_an_error(visitor)
    visitor.fill("people-name", MOTHER)
    fill_birth(visitor, "1938", "2", "3")
    visitor.choose("people-messages-mine")
    visitor.choose("people-consent")
    visitor.keep("people-filled-in")
    visitor.press("button-save")
    visitor.arrive("book-who-title", MOTHER)


def correct_an_error(visitor):
    """Sends the form too early: the page says what is missing, above and at the field, and keeps what was chosen."""
    visitor.choose("people-relation-mother")
    visitor.press("button-save")
    visitor.browser.await_page(visitor.say("error-title"))
    visitor.keep("people-errors")
    visitor.expect(visitor.say("error-summary-title"))
    assert visitor.text().count(visitor.say("error-name")) == 2, visitor.text()
    visitor.browser.seek(
        lambda: visitor.browser.option_is(visitor.say("people-relation-mother")) and visitor.browser.is_chosen(),
        "mother, still chosen",
    )


def fill_birth(visitor, year, month, day):
    for key, text in (("birth-year", year), ("birth-month", month), ("birth-day", day)):
        visitor.fill(key, text)


def hold_seats(visitor):
    """Chooses both people, a place, a day and a time."""
    for name in (DAUGHTER, MOTHER):
        visitor.browser.choose(name)
    visitor.press("button-continue")
    visitor.arrive("book-where-title")
    visitor.browser.pick(visitor.say("book-where-province"), WITH_SITES)
    visitor.press("button-continue")
    visitor.browser.terminal.until(lambda: not visitor.sees(visitor.say("book-where-or-near")), "the districts")
    visitor.arrive("book-where-title")
    visitor.browser.pick("", WITH_SITES)
    visitor.press("button-continue")
    visitor.arrive("book-sites-title")
    visitor.follow_first(SITE)
    visitor.arrive("book-days-title")
    visitor.follow_first(DAY[visitor.language], nth=2)
    visitor.arrive("book-times-title", visitor.say("book-times-together"), day="")
    visitor.follow_first(TIME[visitor.language])
    visitor.arrive("hold-title")


def change_ones_own(visitor):
    visitor.press("frame-bookings")
    visitor.arrive("bookings-title", DAUGHTER)
    visitor.follow_booking_of(DAUGHTER)
    visitor.arrive("booking-title", name=DAUGHTER)
    visitor.press("booking-change")
    visitor.arrive("change-title")
    visitor.follow_first(DAY[visitor.language], nth=3)
    visitor.arrive("book-times-title", day="")
    visitor.follow_first(TIME[visitor.language], nth=2)
    visitor.arrive("change-check-title")
    visitor.press("change-confirm")
    visitor.arrive("booking-title", visitor.say("booking-changed-notice"), name=DAUGHTER)


def cancel_mothers(visitor):
    visitor.press("frame-bookings")
    visitor.arrive("bookings-title", MOTHER)
    visitor.follow_booking_of(MOTHER)
    visitor.arrive("booking-title", name=MOTHER)
    visitor.press("booking-cancel")
    visitor.arrive("cancel-title")
    visitor.press("cancel-do")
    visitor.arrive("booking-title", visitor.say("booking-cancelled-notice"), name=MOTHER)


def find_by_reference(visitor, reference):
    """Finds the booking by its reference, the phone and a code."""
    visitor.browser.open(visitor.address)
    visitor.arrive_as_a_stranger("home-title")
    visitor.press("home-find")
    visitor.arrive("find-title")
    visitor.fill("booking-reference", reference)
    visitor.fill("find-phone", visitor.phone)
    visitor.press("find-send")
    visitor.arrive("find-code-title")
    code = visitor.read_code("find-code-title")
    visitor.fill("find-code-label", code)
    visitor.press("button-continue")
    visitor.arrive("booking-title", reference, name=DAUGHTER)
    visitor.expect(visitor.say("booking-state-booked"))
    visitor.expect(visitor.say("booking-change"))


STORIES = (a_daughter_books_for_herself_and_her_mother, a_visitor_whose_cookies_vanish_loses_nothing)
