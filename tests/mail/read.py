"""Reads every letter of a maildir with Python's own e-mail package, its calendar files with the icalendar package, and
prints them as one JSON list, the oldest first.
"""

import email
import email.policy
import json
import mailbox
import sys

import icalendar


def calendar_of(part):
    calendar = icalendar.Calendar.from_ical(part.get_content())
    (event,) = calendar.walk("VEVENT")
    alarms = calendar.walk("VALARM")
    errors = calendar.errors + event.errors
    return {
        "method": calendar["METHOD"],
        "content_type_method": part["Content-Type"].params["method"],
        "uid": event["UID"],
        "sequence": int(event["SEQUENCE"]),
        "start": event.decoded("DTSTART").isoformat(),
        "end": event.decoded("DTEND").isoformat(),
        "location": event["LOCATION"],
        "summary": event["SUMMARY"],
        "url": event["URL"],
        "status": event["STATUS"],
        "organizer": event["ORGANIZER"],
        "attendee": event["ATTENDEE"],
        "geo": list(event["GEO"].to_ical().split(";")) if "GEO" in event else None,
        "alarm_hours": [alarm.decoded("TRIGGER").total_seconds() / 3600 for alarm in alarms],
        "errors": [str(error) for error in errors],
    }


def letter_of(raw):
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    text = letter.get_body(("plain",))
    html = letter.get_body(("html",))
    parts = list(letter.walk())
    return {
        "headers": {name.lower(): str(value) for name, value in letter.items()},
        "text": text.get_content() if text else None,
        "html": html.get_content() if html else None,
        "attachments": [
            {"name": part.get_filename(), "type": part.get_content_type(), "disposition": part.get_content_disposition()}
            for part in letter.iter_attachments()
        ],
        "calendars": [calendar_of(part) for part in parts if part.get_content_type() == "text/calendar"],
        "defects": [str(defect) for part in parts for defect in part.defects],
    }


folder = mailbox.Maildir(sys.argv[1], create=False)
letters = [folder.get_bytes(key) for key in folder.keys()]
read = [letter_of(raw) for raw in letters]
read.sort(key=lambda letter: letter["headers"]["message-id"])
print(json.dumps(read))
