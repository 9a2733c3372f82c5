"""A pseudo-terminal with a program in it: types keys, and knows what stands on the screen."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata

SEQUENCE = re.compile(
    "\x1b\\[([0-?]*)[ -/]*([@-~])"  # a control sequence: parameters, then what to do
    "|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)"  # the title of the window
    "|\x1b[()*+][0-9A-Za-z]"  # a character set
    "|\x1b[78=>cDEMH]"
)
# A longer one is not waited for, so that a broken sequence doesn't stop the screen.
SEQUENCE_MAX = 200
# How long a page may take. A machine that is slow only makes the tests longer.
WAIT_SECONDS = 60
POLL_SECONDS = 0.005


class Screen:
    """What a terminal shows. Hangul takes two cells, or one where the program inside counts so."""

    def __init__(self, columns, rows, hangul_cells):
        self.columns, self.rows, self.hangul_cells = columns, rows, hangul_cells
        self.lines = [self._empty() for _ in range(rows)]
        self.row = self.column = 0
        self._unread = ""

    def _empty(self):
        return [" "] * self.columns

    def text(self, row):
        """A row without the blanks at its end."""
        return "".join(self.lines[row]).rstrip()

    def __str__(self):
        return "\n".join(self.text(row) for row in range(self.rows)).rstrip()

    def after_cursor(self):
        """The rest of the cursor's row, from the cursor on."""
        return "".join(self.lines[self.row][self.column :]).rstrip()

    def before_cursor(self):
        return "".join(self.lines[self.row][: self.column])

    def feed(self, text):
        text, self._unread = self._unread + text, ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self._put(text[at])
                at += 1
                continue
            match = SEQUENCE.match(text, at)
            if match:
                self._obey(match)
                at = match.end()
            elif len(text) - at < SEQUENCE_MAX:
                self._unread = text[at:]
                return
            else:
                at += 1

    def _put(self, char):
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self._line_feed()
        elif char == "\b":
            self.column = max(0, self.column - 1)
        elif char == "\t":
            self.column = min(self.columns - 1, self.column // 8 * 8 + 8)
        elif char >= " " and not unicodedata.combining(char):
            self._write(char)

    def _write(self, char):
        cells = self.hangul_cells if unicodedata.east_asian_width(char) in "WF" else 1
        if self.column + cells > self.columns:
            self.column = 0
            self._line_feed()
        self.lines[self.row][self.column] = char
        if cells == 2:
            self.lines[self.row][self.column + 1] = ""
        self.column += cells

    def _line_feed(self):
        if self.row == self.rows - 1:
            self.lines = self.lines[1:] + [self._empty()]
        else:
            self.row += 1

    def _obey(self, match):
        if match.group(0) == "\x1bM":
            if self.row == 0:
                self.lines = [self._empty()] + self.lines[:-1]
            else:
                self.row -= 1
        if not match.group(2):
            return
        numbers = [int(number) if number.isdigit() else 0 for number in match.group(1).split(";")]
        first, then = max(1, numbers[0]), match.group(2)
        if then in "Hf":
            column = max(1, numbers[1]) if len(numbers) > 1 else 1
            self.row, self.column = min(first, self.rows) - 1, min(column, self.columns) - 1
        elif then == "A":
            self.row = max(0, self.row - first)
        elif then == "B":
            self.row = min(self.rows - 1, self.row + first)
        elif then == "C":
            self.column = min(self.columns - 1, self.column + first)
        elif then == "D":
            self.column = max(0, self.column - first)
        elif then == "G":
            self.column = min(first, self.columns) - 1
        elif then == "d":
            self.row = min(first, self.rows) - 1
        elif then in "JK":
            self._erase(numbers[0], whole_screen=then == "J")
        elif then in "LM":
            self._move_lines(first, insert=then == "L")

    def _erase(self, which, whole_screen):
        line = self.lines[self.row]
        start = 0 if which else self.column
        end = self.column + 1 if which == 1 else self.columns
        line[start:end] = [" "] * (end - start)
        if whole_screen:
            cleared = range(0, self.row) if which == 1 else range(self.row + 1, self.rows)
            for row in range(self.rows) if which == 2 else cleared:
                self.lines[row] = self._empty()

    def _move_lines(self, count, insert):
        below = self.lines[self.row :]
        blank = [self._empty() for _ in range(min(count, len(below)))]
        kept = below[: len(below) - len(blank)] if insert else below[len(blank) :]
        self.lines[self.row :] = blank + kept if insert else kept + blank


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(self, command, environment, columns=80, rows=50, hangul_cells=2):
        self.screen = Screen(columns, rows, hangul_cells)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._ours, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._pid = os.fork()
        if self._pid == 0:
            os.setsid()
            fcntl.ioctl(self._theirs, termios.TIOCSCTTY, 0)
            for stream in range(3):
                os.dup2(self._theirs, stream)
            os.execvpe(command[0], command, environment)

    def type(self, keys):
        """Types, and waits until the program has read it all and waits for more."""
        os.write(self._ours, keys.encode())
        self.settle()

    def settle(self):
        """Waits until the program waits: it has read every key, sleeps, and everything it wrote is on the screen."""
        self.until(self._waits, "the program to wait for a key")

    def until(self, reached, what, seconds=WAIT_SECONDS):
        """Waits for a state of the screen, and answers what `reached` said of it."""
        end = time.monotonic() + seconds
        while True:
            self._read()
            answer = reached()
            if answer:
                return answer
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s for {what}; the screen says:\n{self.screen}")
            select.select([self._ours], [], [], POLL_SECONDS)

    def _read(self):
        while select.select([self._ours], [], [], 0)[0]:
            try:
                self.screen.feed(self._decode(os.read(self._ours, 65536)))
            except OSError:
                raise AssertionError(f"the program has ended; its last screen:\n{self.screen}") from None

    def _waits(self):
        unread = struct.unpack("i", fcntl.ioctl(self._theirs, termios.FIONREAD, b"\0" * 4))[0]
        with open(f"/proc/{self._pid}/stat", encoding="utf-8") as stat:
            sleeps = stat.read().rsplit(") ", 1)[1][0] == "S"
        return unread == 0 and sleeps and not select.select([self._ours], [], [], 0)[0]

    def end(self):
        """Ends the program as closing its window would."""
        try:
            os.kill(self._pid, signal.SIGHUP)
        except ProcessLookupError:
            pass
        os.close(self._theirs)
        os.close(self._ours)
        os.waitpid(self._pid, 0)
