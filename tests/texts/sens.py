"""Naver Cloud's SENS for the tests, as strict as the vendor's guide: the recipient's last digits say what goes wrong.

Usage: sens.py FILE SERVICE ACCESS_KEY SECRET_KEY FROM
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import time
from urllib.parse import parse_qsl, urlsplit

from carrier import Gateway, Handler, korean

SKEW_MS = 5 * 60 * 1000
KOREA_SECONDS = 9 * 3600
FIELDS = {"type", "contentType", "countryCode", "from", "content", "messages"}


class Phones(Handler):
    @property
    def messages(self):
        return f"/sms/v2/services/{self.server.arguments.service}/messages"

    def is_signed(self):
        arguments, headers = self.server.arguments, self.headers
        moment = headers.get("x-ncp-apigw-timestamp", "")
        if not moment.isdigit() or abs(int(moment) - time.time() * 1000) > SKEW_MS:
            return False
        text = f"{self.command} {self.path}\n{moment}\n{arguments.access}"
        expected = base64.b64encode(hmac.new(arguments.secret.encode(), text.encode(), hashlib.sha256).digest())
        given = headers.get("x-ncp-apigw-signature-v2", "")
        return headers.get("x-ncp-iam-access-key") == arguments.access and hmac.compare_digest(expected.decode(), given)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.is_signed():
            return self.say(401, {"error": {"errorCode": "200", "message": "Authentication Failed"}})
        if self.path != self.messages:
            return self.say(404, {"error": {"errorCode": "300", "message": "Not Found"}})
        if self.headers.get("Content-Type") != "application/json; charset=utf-8":
            return self.broken("the type of the body")
        body = json.loads(body)
        is_long = body.get("type") == "LMS"
        if set(body) != FIELDS | ({"subject"} if "subject" in body else set()):
            return self.broken(f"the fields {sorted(body)}")
        if body["type"] not in ("SMS", "LMS") or ("subject" in body and not is_long):
            return self.broken("the type")
        if body["contentType"] != "COMM" or body["countryCode"] != "82":
            return self.broken("the content type or the country")
        if body["from"] != self.server.arguments.sender:
            return self.broken("the sender")
        content, subject = korean(body["content"]), korean(body.get("subject", ""))
        if content is None or subject is None:
            return self.broken("a character that no carrier carries")
        if not 1 <= len(content) <= (2000 if is_long else 90) or len(subject) > 40:
            return self.broken("the length of the text")
        if is_long and len(content) <= 90:
            return self.broken("a short text as a long one costs three times as much")
        if len(body["messages"]) != 1 or set(body["messages"][0]) != {"to"}:
            return self.broken("the recipients")
        to = body["messages"][0]["to"]
        if not re.fullmatch(r"01[0-9]{8,9}", to):
            return self.broken("the number")
        return self.answer(body, to)

    def answer(self, body, to):
        case = to[-4:]
        count = self.server.count(to)
        if case == "0429":
            return self.say(429, {"error": {"errorCode": "410", "message": "Throttled"}})
        if case == "0500":
            return self.say(500, {"status": 500, "errors": ["unknown"]})
        if case == "0400":
            return self.say(400, {"status": 400, "errors": [f"{to} is wrong"]})
        if case == "0202":
            return self.say(202, {"statusCode": "202", "statusName": "success"})
        if case == "0498" and count == 1:
            self.close_connection = True
            return None
        request = self.take(body, to)
        if case == "0499":
            self.close_connection = True
            return None
        return self.say(
            202,
            {"requestId": request, "requestTime": self.now(), "statusCode": "202", "statusName": "success"},
        )

    @staticmethod
    def now():
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + KOREA_SECONDS))

    def take(self, body, to):
        with self.server.lock:
            number = len(self.server.taken) + 1
            one = {"requestId": f"VORSSA-{number}", "messageId": f"M-{number}", "to": to, "content": body["content"]}
            self.server.taken.append({**one, "type": body["type"], "requestTime": self.now()})
        self.server.note({**one, "type": body["type"], "subject": body.get("subject")})
        return one["requestId"]

    def do_GET(self):
        if not self.is_signed():
            return self.say(401, {"error": {"errorCode": "200", "message": "Authentication Failed"}})
        address = urlsplit(self.path)
        for one in self.server.taken:
            if address.path == f"{self.messages}/{one['messageId']}":
                return self.say(200, {"statusCode": "200", "messages": [{**one, **self.fate(one["to"])}]})
        if address.path != self.messages:
            return self.say(404, {"error": {"errorCode": "300", "message": "Not Found"}})
        asked = dict(parse_qsl(address.query, strict_parsing=True))
        if set(asked) == {"requestId"}:
            found = [one for one in self.server.taken if one["requestId"] == asked["requestId"]]
        elif set(asked) == {"requestStartTime", "requestEndTime", "to"}:
            between = lambda one: asked["requestStartTime"] <= one["requestTime"] <= asked["requestEndTime"]
            found = [one for one in self.server.taken if one["to"] == asked["to"] and between(one)]
        else:
            return self.broken(f"the question {sorted(asked)}")
        if not found:
            # Seen of the real one: an empty list is an empty 404.
            return self.say(404, None)
        told = [{key: value for key, value in one.items() if key != "content"} for one in found]
        return self.say(202, {"statusCode": "202", "messages": [{**one, **self.fate(one["to"])} for one in told]})

    @staticmethod
    def fate(to):
        case = to[-4:]
        if case == "0303":
            return {"status": "COMPLETED", "statusName": "fail", "statusCode": "3008", "telcoCode": "KT"}
        if case == "0304":
            return {"status": "PROCESSING"}
        return {"status": "COMPLETED", "statusName": "success", "statusCode": "0", "telcoCode": "KT"}

    def broken(self, what):
        self.server.note({"broken": what})
        self.say(400, {"status": 400, "errors": [what]})

    def say(self, status, body):
        body = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


parser = argparse.ArgumentParser()
for name in ["file", "service", "access", "secret", "sender"]:
    parser.add_argument(name)
Gateway(Phones, parser.parse_args()).run()
