"""Tells the stories in w3m and in links2, each a real one in a pseudo-terminal, to a demo of their own.

    SUNBEON_BIN=target/debug/sunbeon python3 tests/text_browsers/run.py [WORD...]

Words choose the runs whose name has one of them (w3m, links2, ko, en, or words of a story). What the browsers showed is
kept in `screens/` beside this file, to be read by a person.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request
from pathlib import Path

from browsers import Links, W3m
from stories import STORIES
from visitor import Visitor
from words import LANGUAGES

HERE = Path(__file__).resolve().parent
EXECUTABLE = os.environ.get("SUNBEON_BIN", HERE.parents[1] / "target/debug/sunbeon")
SCREENS = HERE / "screens"
START_SECONDS = 60
CALM_SECONDS = 5
STOP_SECONDS = 30
RUNS = [(browser, language, story) for story in STORIES for browser in (W3m, Links) for language in LANGUAGES]


def start_demo(home):
    """Starts the demo; answers its process and address once it is ready."""
    log = home / "demo.log"
    with log.open("wb") as out:
        command = [EXECUTABLE, "demo", "--listen", "127.0.0.1:0", "--data", home / "data", "--sites", "40", "--seed", "7"]
        demo = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and demo.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+(?=/)", log.read_text(encoding="utf-8", errors="replace"))
        if found and is_ready(found[0]):
            return demo, found[0]
        time.sleep(0.05)
    demo.kill()
    raise SystemExit(f"the demo did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def is_ready(address):
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def await_calm(address):
    """The demo tells everybody who prepared when their turn is. Until that is done, a code may leave the page of messages
    before anybody reads it."""
    end = time.monotonic() + START_SECONDS
    shown, since = None, time.monotonic()
    while time.monotonic() < end and time.monotonic() - since < CALM_SECONDS:
        with urllib.request.urlopen(f"{address}/demo/messages", timeout=5) as answer:
            page = answer.read()
        if page != shown:
            shown, since = page, time.monotonic()
        time.sleep(0.2)


def name_of(browser, language, story):
    return f"{browser.name}-{language}-{story.__name__}"


def tell(run, address, home, phone):
    """Tells one story; answers what went wrong, or None."""
    browser_kind, language, story = run
    name = name_of(*run)
    browser = visitor = None
    begun = time.monotonic()
    try:
        browser = browser_kind(home / name, f"{address}/")
        visitor = Visitor(browser, language, f"{address}/", phone, SCREENS / name)
        story(visitor)
        print(f"ok   {name} ({time.monotonic() - begun:.1f} s)", flush=True)
        return None
    except Exception:
        print(f"FAIL {name}\n{traceback.format_exc()}", flush=True)
        if visitor:
            visitor.keep("failed")
        return name
    finally:
        if browser:
            browser.end()


def main(words):
    runs = [run for run in RUNS if not words or any(word in name_of(*run) for word in words)]
    if not runs:
        raise SystemExit("no run was chosen: a run that tests nothing has failed")
    shutil.rmtree(SCREENS, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="sunbeon-text-browsers-") as folder:
        home = Path(folder)
        demo, address = start_demo(home)
        try:
            await_calm(address)
            phones = (f"010-0000-81{number:02}" for number in range(len(runs)))
            failed = [name for run, phone in zip(runs, phones) if (name := tell(run, address, home, phone))]
        finally:
            demo.terminate()
            try:
                demo.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                demo.kill()
                demo.wait()
    print(f"text browsers: {len(runs) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
