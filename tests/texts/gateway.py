"""A text gateway for the tests, as strict as the vendor's guide: the recipient's last digits say what goes wrong.

Usage: gateway.py FILE ACCOUNT TOKEN FROM [--certificate FILE --key FILE]
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import ssl
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

from carrier import Gateway, Handler, korean

FIELDS = ["Body", "From", "To"]
STATUSES = ["queued", "sent", "delivered", "undelivered"]


class Phones(Handler):
    @property
    def messages(self):
        return f"/2010-04-01/Accounts/{self.server.arguments.account}/Messages"

    def knows_us(self):
        arguments = self.server.arguments
        login = base64.b64encode(f"{arguments.account}:{arguments.token}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {login}"

    def do_GET(self):
        address = urlsplit(self.path)
        if not self.knows_us():
            return self.refuse(401, 20003, "Authenticate")
        if address.path == f"{self.messages}.json":
            asked = dict(parse_qsl(address.query, strict_parsing=True))
            if sorted(asked) != ["PageSize", "To"]:
                return self.broken(f"the question {asked}")
            found = [one for one in self.server.taken if one["to"] == asked["To"]]
            return self.say(200, json.dumps({"messages": found[-int(asked["PageSize"]):], "next_page_uri": None}))
        for one in self.server.taken:
            if address.path == f"{self.messages}/{one['sid']}.json":
                return self.tell(one)
        return self.refuse(404, 20404, "there is no such message")

    def tell(self, one):
        case = one["to"][-4:]
        if case == "0305":
            return self.refuse(503, None, "Later")
        if case == "0306":
            return self.refuse(404, 20404, "it is not shown yet")
        if case == "0307":
            return self.refuse(405, None, "there are no questions here")
        fates = {"0303": ("undelivered", 30003), "0304": ("sent", None)}
        status, code = fates.get(case, ("delivered", None))
        return self.say(200, json.dumps({**one, "status": status, "error_code": code}))

    def do_POST(self):
        arguments = self.server.arguments
        if self.path != f"{self.messages}.json":
            return self.refuse(404, 20404, "there is nothing here")
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            return self.broken("no length")
        body = self.rfile.read(int(length))
        if not self.knows_us():
            return self.refuse(401, 20003, "Authenticate")
        if self.headers.get("Content-Type") != "application/x-www-form-urlencoded":
            return self.broken("the type of the form")
        try:
            fields = parse_qsl(body.decode("ascii"), strict_parsing=True, errors="strict")
        except ValueError as error:
            return self.broken(str(error))
        form = dict(fields)
        if sorted(name for name, _ in fields if name != "StatusCallback") != FIELDS or len(form) != len(fields):
            return self.broken(f"the fields {fields}")
        if not re.fullmatch(r"https://[a-z.]+/[!-~]+", form.get("StatusCallback", "https://a/b")):
            return self.broken("where receipts go")
        if not re.fullmatch(r"\+[1-9][0-9]{7,14}", form["To"]):
            return self.broken("the number")
        if form["From"] != arguments.sender:
            return self.broken("the sender")
        carried = korean(form["Body"])
        if carried is None:
            return self.broken("a character that no carrier carries")
        if not 1 <= len(form["Body"]) <= 1600 or len(carried) > 2000:
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
        if case == "0502":
            return self.say(502, "<h1>Bad Gateway</h1>", "text/html")
        if case == "0498":
            self.close_connection = True
            return None
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
            sid = f"SM{len(self.server.taken) + 1:032x}"
            created = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
            self.server.taken.append(
                {"sid": sid, "to": form["To"], "body": form["Body"], "status": "sent", "date_created": created}
            )
        key = self.headers.get("Idempotency-Key")
        note = {"sid": sid, "to": form["To"], "text": form["Body"], "key": key, "peer": self.client_address[1]}
        if "StatusCallback" in form:
            note["receipts"] = {status: self.receipt(sid, form, status) for status in STATUSES}
        self.server.note(note)
        return sid

    def receipt(self, sid, form, status):
        """The request that brings a receipt. The test brings it, when and as often as it likes."""
        fields = {
            "SmsSid": sid, "SmsStatus": status, "MessageSid": sid, "MessageStatus": status, "To": form["To"],
            "From": form["From"], "AccountSid": self.server.arguments.account, "ApiVersion": "2010-04-01",
        }
        if status == "undelivered":
            fields["ErrorCode"] = "30003"
        signed = form["StatusCallback"] + "".join(name + fields[name] for name in sorted(fields))
        mac = hmac.new(self.server.arguments.token.encode(), signed.encode(), hashlib.sha1).digest()
        return {"url": form["StatusCallback"], "body": urlencode(fields), "signature": base64.b64encode(mac).decode()}

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
gateway = Gateway(Phones, parser.parse_args())
if gateway.arguments.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(gateway.arguments.certificate, gateway.arguments.key)
    gateway.socket = context.wrap_socket(gateway.socket, server_side=True, do_handshake_on_connect=False)
gateway.run()
