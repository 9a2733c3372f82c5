"""A text gateway for the tests, as strict as the vendor's guide: the recipient's last digits say what goes wrong.

Usage: gateway.py FILE ACCOUNT TOKEN FROM [--certificate FILE --key FILE]
It prints its port on the first line, appends what it took to FILE, one JSON object a line, and runs until nobody holds the
other end of its standard input.
Whatever breaks the rules is written there too, as {"broken": ...}.
"""

import argparse
import base64
import json
import os
import re
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

FIELDS = ["Body", "From", "To"]


class Gateway(ThreadingHTTPServer):
    """Counts how often each number was written to and numbers the messages."""

    daemon_threads = True
    lock = threading.Lock()
    asked = {}
    taken = 0

    def note(self, entry):
        with self.lock, open(self.arguments.file, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def count(self, to):
        with self.lock:
            self.asked[to] = self.asked.get(to, 0) + 1
            return self.asked[to]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        arguments = self.server.arguments
        if self.path != f"/2010-04-01/Accounts/{arguments.account}/Messages.json":
            return self.refuse(404, 20404, "there is nothing here")
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            return self.broken("no length")
        body = self.rfile.read(int(length))
        login = base64.b64encode(f"{arguments.account}:{arguments.token}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {login}":
            return self.refuse(401, 20003, "Authenticate")
        if self.headers.get("Content-Type") != "application/x-www-form-urlencoded":
            return self.broken("the type of the form")
        try:
            fields = parse_qsl(body.decode("ascii"), strict_parsing=True, errors="strict")
        except ValueError as error:
            return self.broken(str(error))
        if sorted(name for name, _ in fields) != FIELDS:
            return self.broken(f"the fields {fields}")
        form = dict(fields)
        if not re.fullmatch(r"\+[1-9][0-9]{7,14}", form["To"]):
            return self.broken("the number")
        if form["From"] != arguments.sender:
            return self.broken("the sender")
        if not 1 <= len(form["Body"]) <= 1600 or len(form["Body"].encode("euc-kr")) > 2000:
            return self.broken("the length of the text")
        self.answer(form)

    def answer(self, form):
        to = form["To"]
        count, case = self.server.count(to), to[-4:]
        if case == "0429" or (case == "1429" and count == 1):
            return self.refuse(429, 20429, "Too many requests", {"Retry-After": "30"})
        if case == "0503":
            until = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(1795568523 + 90))
            return self.refuse(503, None, "Later", {"Retry-After": until})
        if case == "0400":
            return self.refuse(400, 21211, f"The number {to} is not a number")
        if case == "0500" or (case == "1500" and count == 1):
            return self.say(500, "<h1>Oops</h1>", "text/html")
        if case == "0302":
            return self.say(302, "", "text/html", {"Location": self.path})
        if case == "0200" or (case == "1200" and count == 1):
            return self.say(200, "<h1>Welcome to the café</h1>", "text/html")
        if case == "0201":
            return self.say(201, json.dumps({"sid": None, "status": "queued"}))
        if case == "0202":
            return self.say(201, json.dumps({"sid": "SM1", "status": "failed", "error_code": 30003}))
        if case == "0999":
            return self.say(201, json.dumps({"sid": "SM1", "padding": "a" * 1_000_000}))
        if case in ("0408", "0499"):
            self.take(form)
            if case == "0408":
                time.sleep(3600)
            self.close_connection = True
            return None
        sid = self.take(form)
        return self.say(201, json.dumps({"sid": sid, "status": "queued", "error_code": None, "new_field": []}))

    def take(self, form):
        with self.server.lock:
            self.server.taken += 1
            sid = f"SM{self.server.taken:032x}"
        key = self.headers.get("Idempotency-Key")
        self.server.note({"sid": sid, "to": form["To"], "text": form["Body"], "key": key, "peer": self.client_address[1]})
        return sid

    def broken(self, what):
        self.server.note({"broken": what})
        self.refuse(400, 20001, what)

    def refuse(self, status, code, message, headers={}):
        self.say(status, json.dumps({"code": code, "message": message, "status": status}), headers=headers)

    def say(self, status, body, media_type="application/json", headers={}):
        body = body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


parser = argparse.ArgumentParser()
for name in ["file", "account", "token", "sender"]:
    parser.add_argument(name)
parser.add_argument("--certificate")
parser.add_argument("--key")
Gateway.request_queue_size = 1024
gateway = Gateway(("127.0.0.1", 0), Handler)
gateway.arguments = parser.parse_args()
if gateway.arguments.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(gateway.arguments.certificate, gateway.arguments.key)
    gateway.socket = context.wrap_socket(gateway.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
print(gateway.server_address[1], flush=True)
gateway.serve_forever()
