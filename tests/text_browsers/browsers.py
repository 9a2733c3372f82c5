"""The text browsers, each with the keys a person presses in it."""

import os
import re
import shutil
import time
from pathlib import Path

from terminal import WAIT_SECONDS, Terminal
from words import LANGUAGES, Words

COLUMNS, ROWS = 80, 50
ITEMS_MAX = 200
SKIP = [Words(language).say("frame-skip") for language in LANGUAGES]
# How long a key may take that only moves the cursor. When nothing moves, there is no next item.
MOVE_SECONDS = 20


def squeezed(text):
    """Text without blanks: a browser breaks lines where it likes, and Hangul in the middle of a word."""
    return re.sub(r"\s", "", text)


class Browser:
    """What both have in common: one goes from item to item (links, buttons, fields) and does something there."""

    next_key = top_key = reload_key = None

    def __init__(self, home, address):
        self.home = Path(home)
        self.start(address)

    def start(self, address):
        self.home.mkdir(parents=True, exist_ok=True)
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": self.term}
        self.terminal = Terminal(self.command(address), environment, COLUMNS, ROWS, self.hangul_cells)
        self.screen = self.terminal.screen

    def end(self):
        self.terminal.end()

    def title(self):
        raise NotImplementedError

    def await_page(self, title, what=""):
        """Waits until the page with this title is there, and `what` on it."""
        self.terminal.until(
            lambda: self.shows(title) and squeezed(what) in squeezed(str(self.screen)),
            f"the page {title!r} {what}",
        )
        self.terminal.settle()

    def forget_cookies(self):
        """Ends the browser, throws away all it has stored, and comes back to the address where it was."""
        address = self.address()
        self.end()
        shutil.rmtree(self.home)
        self.start(address)

    def shows(self, title):
        return squeezed(title)[:25] in squeezed(self.title())

    def await_reloading(self, reached, what):
        """Loads the page again and again until it says what is awaited."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                self.terminal.until(reached, what, 1)
                return
            except AssertionError:
                if time.monotonic() > end:
                    raise
            self.terminal.type(self.reload_key)

    def seek(self, fits, what):
        """Goes from the top of the page from item to item until one fits."""
        self.to_top()
        for _ in range(ITEMS_MAX):
            if fits():
                return
            if not self.to_next():
                break
        raise AssertionError(f"the page has no {what}:\n{self.screen}")

    def to_next(self):
        """Goes to the next item; answers whether there was one."""
        return self.changes(lambda: self.terminal.type(self.next_key))

    def changes(self, act):
        """Whether something on the screen changes by what is done, the place of the cursor included."""
        before = self._state()
        act()
        try:
            self.terminal.until(lambda: self._state() != before, "a change", MOVE_SECONDS)
        except AssertionError:
            return False
        self.terminal.settle()
        return True

    def _state(self):
        return self.screen.row, self.screen.column, str(self.screen)

    def follow(self, words):
        """Follows the link, or presses the button, that begins with these words."""
        self.seek(lambda: self.is_at(words), f"link or button {words!r}")
        self.activate()

    def is_at(self, words):
        rest = squeezed(self.at_item())
        words = squeezed(words)
        return rest.startswith(words) or (len(rest) > 12 and words.startswith(rest))

    def activate(self):
        self.terminal.type("\r")

    def fill(self, label, text):
        """Types into the field that this label stands before."""
        self.seek(lambda: self.is_field() and self.label_is(label), f"field {label!r}")
        self.enter(text)

    def label_is(self, label):
        """Whether the label stands before the field: on its row, or above it with no other field in between."""
        above = [self.screen.before_cursor()]
        for row in range(self.screen.row - 1, -1, -1):
            text = self.screen.text(row)
            if re.search(self.field_pattern, text):
                break
            above.append(text)
        return any(squeezed(line).startswith(squeezed(label)) for line in above)

    def pick(self, label, fits):
        """Opens the list that this label stands before, and picks the first line that fits."""
        self.seek(lambda: self.is_list() and self.label_is(label), f"list {label!r}")
        if not self.changes(self.activate):
            raise AssertionError(f"the list {label!r} does not open:\n{self.screen}")
        for _ in range(ITEMS_MAX):
            if re.search(fits, self.screen.after_cursor()):
                self.activate()
                self.terminal.until(self.list_is_closed, "the list to close")
                return
            if not self.changes(lambda: self.terminal.type(self.list_key)):
                break
        raise AssertionError(f"nothing fits {fits!r}:\n{self.screen}")

    def choose(self, label):
        """Ticks the box or picks the option that stands before these words."""
        self.seek(lambda: self.option_is(label), f"option {label!r}")
        if not self.is_chosen():
            self.activate()
            self.terminal.until(self.is_chosen, f"{label!r} to be chosen")


class W3m(Browser):
    """w3m: Tab goes on, Enter follows, presses, and opens a line to type in."""

    name, term, hangul_cells = "w3m", "vt100", 2
    next_key, top_key, reload_key, back_key = "\t", "g", "R", "B"
    list_key, field_pattern = "j", r"\[ {8,}|\[.{8,}\]"

    def command(self, address):
        return ["w3m", "-cookie", "-I", "UTF-8", "-O", "UTF-8", address]

    def title(self):
        shown = re.search(r"Viewing\S* <(.*)", self.screen.text(ROWS - 1))
        return shown[1] if shown else ""

    def to_top(self):
        self.terminal.type(self.top_key)
        self.terminal.until(lambda: self.screen.row == 0, "the top of the page")

    def at_item(self):
        return self.screen.after_cursor()

    def is_field(self):
        return self.screen.before_cursor().endswith("[") and not re.match(r".\]", self.screen.after_cursor())

    def enter(self, text):
        self.terminal.type("\r")
        prompt = lambda: self.screen.text(ROWS - 1).startswith("TEXT:")
        self.terminal.until(prompt, "the line to type in")
        self.terminal.type("\x15" + text)
        self.terminal.until(lambda: text in self.screen.text(ROWS - 1), "what was typed")
        self.terminal.type("\r")
        self.terminal.until(lambda: not prompt(), "the page again")

    def option_is(self, label):
        rest = re.match(r".[\])](.*)", self.screen.after_cursor())
        return bool(rest) and squeezed(rest[1]).startswith(squeezed(label)[:20])

    def is_chosen(self):
        return self.screen.after_cursor()[:1] == "*"

    def is_list(self):
        return self.is_field()

    def list_is_closed(self):
        return "└" not in str(self.screen)

    def open(self, address):
        self.terminal.type("U")
        self.terminal.until(lambda: self.screen.text(ROWS - 1).startswith("Goto"), "the line for the address")
        self.terminal.type("\x15" + address + "\r")

    def back(self):
        self.terminal.type("B")

    def address(self):
        self.terminal.type("c")
        shown = lambda: re.match(r"http\S+", self.screen.text(ROWS - 1))
        return self.terminal.until(shown, "the page's address")[0]


class Links(Browser):
    """Links in text mode: the arrows go on, Enter follows and presses, fields are typed into as they stand. It gives a
    syllable of Hangul one cell, where a terminal draws two: Korean looks crushed there, but the keys are the same."""

    name, term, hangul_cells = "links2", "xterm", 1
    next_key, top_key, reload_key = "\x1b[B", "\x1b[1~", "\x12"
    list_key, field_pattern = "\x1b[B", r"_{5,}"

    def command(self, address):
        return ["links2", "-no-connect", address]

    def start(self, address):
        """Starts, and closes the window that greets at the first start."""
        super().start(address)
        self.terminal.until(lambda: "[ OK ]" in str(self.screen), "the greeting")
        self.terminal.type("\r")
        self.terminal.until(lambda: "[ OK ]" not in str(self.screen), "the greeting to go")

    def title(self):
        return self.screen.text(0)

    def status(self):
        """What Links says of the item the cursor is at."""
        return self.screen.text(ROWS - 1)

    def to_top(self):
        # In a field the key would only go to the field's beginning.
        while self.is_field():
            self.changes(lambda: self.terminal.type("\x1b[A"))
        self.terminal.type(self.top_key)
        # The page's title is row 0; the first link skips to the main part.
        at_first = lambda: self.screen.row == 1 and self.at_item() in SKIP
        self.terminal.until(at_first, "the first link")

    def at_item(self):
        line = "".join(self.screen.lines[self.screen.row])
        is_button = self.status().startswith(("Post form", "Submit form"))
        return line[self.screen.column - (2 if is_button else 0) :].rstrip()

    def is_field(self):
        return self.status().startswith("Text field")

    def enter(self, text):
        self.terminal.type("\x1b[4~\x15" + text)
        self.terminal.until(lambda: text in self.screen.text(self.screen.row), "what was typed")

    def option_is(self, label):
        rest = re.match(r".\](.*)", self.screen.after_cursor())
        kind = self.status().startswith(("Radio", "Checkbox"))
        return bool(rest) and kind and squeezed(rest[1]).startswith(squeezed(label)[:20])

    def is_chosen(self):
        return self.screen.after_cursor()[:1] == "X"

    def is_list(self):
        return self.status().startswith("Select field")

    def list_is_closed(self):
        return "+---" not in str(self.screen)

    def open(self, address):
        self.terminal.type("g")
        self.terminal.until(lambda: "[ OK ]" in str(self.screen), "the window for the address")
        self.terminal.type("\x15" + address + "\r")

    def back(self):
        self.to_top()
        self.terminal.type("z")

    def address(self):
        self.to_top()
        address, _, fragment = self.status().partition("#")
        assert fragment == "main", f"the address is too long for the row: {address}"
        return address
