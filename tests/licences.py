"""Checks the licence and the version of every dependency, from `cargo metadata` on standard input.

Offline on purpose: the versions to refuse are listed here, with the reason, and are looked after by hand.
"""

import json
import re
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT",
    "MIT-0", "PostgreSQL", "Unicode-3.0", "Unlicense", "Zlib",
    # Copyleft for its own files only; we use them unchanged.
    "MPL-2.0",
}
ALLOWED_EXCEPTIONS = {"LLVM-exception"}

# Crate, versions refused from (included) and until (excluded, None: for ever), reason.
REFUSED = [
    ("actix-governor", "0", None, "GPL-3.0; use governor"),
    ("h2", "0", "0.3.28", "RUSTSEC-2026-0258; leave out the feature http2 of actix-web"),
    ("hickory-proto", "0", "0.26", "two advisories"),
    ("rusmppc", "0", None, "brings hickory-proto 0.25; use the codec rusmpp over a socket"),
    ("rsa", "0", "0.10", "RUSTSEC-2023-0071; only behind a feature that is off by default"),
    ("diesel", "0", "2.3.10", "too old: below the version with its security fixes"),
    ("lettre", "0", "0.11.22", "too old: below the version with its security fixes"),
    ("libsqlite3-sys", "0", "0.38.2", "its SQLite may be below 3.51.3, which can corrupt the write-ahead log"),
]


class Expression:
    """An SPDX expression, read by recursive descent: AND binds tighter than OR, WITH tighter than both."""

    def __init__(self, text):
        # Older crates write "MIT/Apache-2.0" where SPDX says OR.
        self.words = re.findall(r"[()]|[^\s()]+", text.replace("/", " OR "))

    def allowed(self):
        answer = self.either()
        if self.words:
            raise ValueError(f"unexpected {self.words[0]!r}")
        return answer

    def either(self):
        answer = self.both()
        while self.next_is("OR"):
            # Both sides are read in any case, to reach the end of the expression.
            other = self.both()
            answer = answer or other
        return answer

    def both(self):
        answer = self.one()
        while self.next_is("AND"):
            other = self.one()
            answer = answer and other
        return answer

    def one(self):
        if not self.words:
            raise ValueError("it ends too early")
        word = self.words.pop(0)
        if word == "(":
            answer = self.either()
            if not self.next_is(")"):
                raise ValueError("a parenthesis is not closed")
            return answer
        if word in (")", "AND", "OR", "WITH"):
            raise ValueError(f"unexpected {word!r}")
        exception = self.words.pop(0) if self.next_is("WITH") and self.words else None
        return word in ALLOWED and (exception is None or exception in ALLOWED_EXCEPTIONS)

    def next_is(self, word):
        if self.words and self.words[0] == word:
            self.words.pop(0)
            return True
        return False


def licence_problem(licence):
    """What is wrong with a licence expression, or None.

    >>> licence_problem("MIT OR Apache-2.0")
    >>> licence_problem("Apache-2.0/MIT")
    >>> licence_problem("Apache-2.0 OR GPL-2.0-only")
    >>> licence_problem("(MIT OR GPL-3.0-only) AND Unicode-3.0")
    >>> licence_problem("Apache-2.0 WITH LLVM-exception")
    >>> licence_problem("MIT OR GPL-3.0-only AND LGPL-2.1-or-later")
    >>> licence_problem("(MIT OR ISC) AND GPL-3.0-only")
    'the licence (MIT OR ISC) AND GPL-3.0-only is not allowed'
    >>> licence_problem("MIT AND AGPL-3.0-or-later")
    'the licence MIT AND AGPL-3.0-or-later is not allowed'
    >>> licence_problem("GPL-2.0-only WITH Classpath-exception-2.0")
    'the licence GPL-2.0-only WITH Classpath-exception-2.0 is not allowed'
    >>> licence_problem("Apache-2.0 WITH Unheard-exception")
    'the licence Apache-2.0 WITH Unheard-exception is not allowed'
    >>> licence_problem("(MIT")
    'the licence (MIT cannot be read: a parenthesis is not closed'
    >>> licence_problem(None)
    'it names no licence'
    """
    if not licence:
        return "it names no licence"
    try:
        allowed = Expression(licence).allowed()
    except ValueError as error:
        return f"the licence {licence} cannot be read: {error}"
    return None if allowed else f"the licence {licence} is not allowed"


def numbers(version):
    """The parts of a version that order it; a pre-release counts as its release.

    >>> numbers("0.11.22+build") < numbers("0.12")
    True
    >>> numbers("2.3.9") < numbers("2.3.10")
    True
    """
    parts = [int(part) for part in re.split(r"[-+]", version)[0].split(".")]
    return tuple((parts + [0, 0])[:3])


def version_problem(name, version):
    """Why this version of a crate is refused, or None.

    >>> version_problem("diesel", "2.3.10")
    >>> version_problem("h2", "0.4.1")
    >>> version_problem("actix-governor", "9.0.0")
    'version 9.0.0 is refused: GPL-3.0; use governor'
    """
    for crate, first, end, reason in REFUSED:
        inside = numbers(first) <= numbers(version) and (end is None or numbers(version) < numbers(end))
        if crate == name and inside:
            return f"version {version} is refused: {reason}"
    return None


def source_problem(source):
    """Why a crate's origin is refused, or None: what isn't in the registry can't be fetched again by everyone.

    >>> source_problem("git+ssh://somewhere")
    'it comes from git+ssh://somewhere, not from the registry'
    """
    if source is None or source.startswith("registry+"):
        return None
    return f"it comes from {source}, not from the registry"


def main():
    packages = json.load(sys.stdin)["packages"]
    problems = [
        f"{package['name']} {package['version']}: {problem}"
        for package in packages
        for problem in (
            licence_problem(package["license"]),
            version_problem(package["name"], package["version"]),
            source_problem(package["source"]),
        )
        if problem
    ]
    for problem in problems:
        print(problem)
    print(f"{len(packages)} packages looked at, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
