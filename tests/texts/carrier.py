"""What the stand-ins for text gateways share: the characters of Korean carriers, and how they run beside a test.

Each prints its port on the first line, appends what it took to a file, one JSON object a line, and runs until nobody holds the
other end of its standard input. Whatever breaks the vendor's rules is written there too, as {"broken": ...}.
"""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def korean(text):
    """The bytes of a text in KS X 1001; None when a carrier would drop or spoil some of it. Python's own euc-kr writes what that
    set lacks as eight bytes, which no phone reads."""
    try:
        pieces = [sign.encode("cp949") for sign in text]
    except UnicodeEncodeError:
        return None
    return b"".join(pieces) if all(len(piece) == 1 or min(piece) >= 0xA1 for piece in pieces) else None


class Handler(BaseHTTPRequestHandler):
    """Answers without a word on the terminal, over connections that stay open."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


class Gateway(ThreadingHTTPServer):
    """Counts how often each number was written to and keeps the messages."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, handler, arguments):
        super().__init__(("127.0.0.1", 0), handler)
        self.lock, self.asked, self.taken, self.arguments = threading.Lock(), {}, [], arguments

    def note(self, entry):
        with self.lock, open(self.arguments.file, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def count(self, to):
        with self.lock:
            self.asked[to] = self.asked.get(to, 0) + 1
            return self.asked[to]

    def run(self):
        """Prints the port and serves until nobody holds the other end of the standard input."""
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        print(self.server_address[1], flush=True)
        self.serve_forever()
