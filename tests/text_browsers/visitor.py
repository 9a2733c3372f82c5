"""A visitor with a text browser: reads headings, labels and buttons, and does what they say."""

import re
from pathlib import Path

from words import LANGUAGES, Words

REFERENCE = r"\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\b"
SITE = r"보건소|보건지소|의원|병원|의료원|센터"
DAY = {"ko": r"^\d+월 \d+일\([월화수목금토일]\)", "en": r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ [A-Z]"}
TIME = {"ko": r"^(오전|오후|낮) \d+시", "en": r"^\d+:\d\d (am|pm|noon)"}
# A line of a list of regions that has at least one site.
WITH_SITES = r"\([1-9]\d*"


NAMES = {"ko": "한국어", "en": "English"}


class Visitor:
    def __init__(self, browser, language, address, phone, screens):
        self.browser, self.address, self.phone = browser, address, phone
        self.words = Words(language)
        self.language = language
        self.screens = Path(screens)
        self.screens.mkdir(parents=True, exist_ok=True)
        self._seen = 0
        self._code = None

    def say(self, key, **variables):
        return self.words.say(key, **variables)

    # Reading.

    def text(self):
        return str(self.browser.screen)

    def arrive(self, key, what="", **variables):
        """Waits for the page whose title is `key`, and keeps what it looks like."""
        self.browser.await_page(self.say(key, **variables), what)
        self.keep(key)

    def keep(self, name):
        self._seen += 1
        (self.screens / f"{self._seen:02}-{name}.txt").write_text(self.text() + "\n", encoding="utf-8")

    def sees(self, what):
        """Whether the screen says this, wherever its lines break."""
        return re.sub(r"\s", "", what) in re.sub(r"\s", "", self.text())

    def expect(self, what):
        assert self.sees(what), f"the page does not say {what!r}:\n{self.text()}"

    def expect_not(self, what):
        assert not self.sees(what), f"the page says {what!r}:\n{self.text()}"

    # Doing.

    def press(self, key, **variables):
        self.browser.follow(self.say(key, **variables))

    def fill(self, key, text):
        self.browser.fill(self.say(key), text)

    def choose(self, key):
        self.browser.choose(self.say(key))

    def follow_first(self, pattern, nth=1):
        """Follows the nth item that matches."""
        found = 0

        def fits():
            nonlocal found
            found += bool(re.search(pattern, self.browser.at_item()))
            return found == nth

        self.browser.seek(fits, f"item {nth} like {pattern!r}")
        self.browser.activate()

    def follow_booking_of(self, name):
        """Follows the booking, in the list of bookings, that has this name in its first or second line."""
        screen = self.browser.screen
        self.browser.seek(
            lambda: name in self.browser.at_item() or name in screen.text(screen.row + 1), f"booking of {name}"
        )
        self.browser.activate()

    def arrive_as_a_stranger(self, key):
        """Arrives without cookies: nobody is signed in."""
        self.arrive_speaking(key)
        self.expect_not(self.say("frame-sign-out"))

    def arrive_speaking(self, key):
        """Waits for a page in whatever language, and makes it speak the visitor's by the button that names it in itself."""
        self._arrive_in_some_language(key)
        if not self.browser.shows(self.say(key)):
            self.keep(f"{key}-foreign")
            self.browser.follow(NAMES[self.language])
        self.arrive(key)

    def _arrive_in_some_language(self, key):
        titles = [Words(language).say(key) for language in LANGUAGES]
        self.browser.terminal.until(lambda: any(map(self.browser.shows, titles)), f"a page {titles}")
        self.browser.terminal.settle()

    def sign_in(self):
        """Proves the phone: types its number, looks the code up where the demo shows it, and types that."""
        self.arrive_speaking("sign-in-title")
        self.fill("sign-in-phone", self.phone)
        self.press("sign-in-send")
        self.arrive("sign-in-code-title")
        code = self.read_code("sign-in-code-title")
        self.fill("sign-in-code-label", code)
        self.press("button-continue")

    def read_code(self, asked_on):
        """The code that was sent to this phone last; afterwards the page that asks for it is there again."""
        self.press("frame-demo-messages")
        self.arrive("demo-title")
        self.browser.await_reloading(lambda: self.codes()[:1] not in ([], [self._code]), "a new code")
        self._code = self.codes()[0]
        self.browser.back()
        self.browser.await_page(self.say(asked_on))
        return self._code

    def codes(self):
        """The codes sent to this phone that the page of messages shows, the newest first."""
        sent_to = rf"{self.phone}\b.*\n+\s*(\d{{6}})\s*\n"
        return re.findall(sent_to, self.text())
