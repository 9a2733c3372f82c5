"""Computes everything in vectors.json again, from the description of the door alone.

Python's standard library is all it needs, and it shares nothing with the Rust code: where both say the same, the
description in src/domain/door/mod.rs is enough to check a draw, a ticket or an admission.

    python3 tests/door/check.py [vectors.json]          compares, and fails when anything differs
    python3 tests/door/check.py --print [vectors.json]  prints the file as it should be
"""

import base64
import copy
import hashlib
import hmac
import json
import pathlib
import re
import sys
from fractions import Fraction

PLACES = 2**64
GROUPS = 1024


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hmac_sha256(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


# Draws


def e164(written):
    digits = re.sub("[^0-9]", "", written)
    return "+82" + digits[1:] if digits.startswith("0") else "+" + digits


def draw(given):
    opening = given["opening"].encode("ascii")
    parts = []
    for party in given["parties"]:
        seed = bytes.fromhex(party["seed"])
        party["commitment"] = sha256(seed).hex()
        parts.append(seed if party["revealed"] else sha256(seed))
    if given["beacon"] is not None:
        parts.append(bytes.fromhex(given["beacon"]))
    key = sha256(*parts, opening)
    outside = [party for party in given["parties"] if party["outside"] and party["revealed"]]
    given["verifiable"] = len(outside) >= 2 and given["beacon"] is not None
    given["key"], given["fingerprint"] = key.hex(), sha256(key).hex()
    for phone in given["phones"]:
        phone["e164"] = e164(phone["written"])
        place = int.from_bytes(hmac_sha256(key, opening, phone["e164"].encode("ascii"))[:8], "big")
        phone["place"], phone["group"] = f"{place:016x}", place // (PLACES // GROUPS) + 1


# Lines


def line(given):
    for arrival in given["arrivals"]:
        place = arrival["at_milliseconds"] * 2**22 + int(arrival["chance"], 16) % 2**22
        minutes = (arrival["at_milliseconds"] - given["began_milliseconds"]) // 60_000
        arrival["place"], arrival["group"] = f"{place:016x}", min(max(minutes, 0), GROUPS - 1) + 1


# Tickets


def base64url(data):
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def sign(key_id, key, ticket):
    opening = ticket["opening"].encode("ascii")
    signed = bytes([1, key_id, len(opening)]) + opening + bytes.fromhex(ticket["place"])
    signed += ticket["expires_at_seconds"].to_bytes(8, "big")
    return base64url(signed + hmac_sha256(key, signed)[:16])


def outcome(keys, tried):
    """What a text is taken for."""
    text = tried["text"]
    if not re.fullmatch("[A-Za-z0-9_-]{0,100}", text):
        return "malformed"
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return "malformed"
    if base64url(data) != text or len(data) < 3 or data[0] != 1 or len(data) != 3 + data[2] + 16 + 16:
        return "malformed"
    signed, mac, code = data[:-16], data[-16:], data[3 : 3 + data[2]]
    if not re.fullmatch(b"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", code):
        return "malformed"
    if data[1] not in keys:
        return "unknown key"
    if not hmac.compare_digest(hmac_sha256(keys[data[1]], signed)[:16], mac):
        return "forged"
    if code.decode("ascii") != tried["opening"]:
        return "other opening"
    return "expired" if int.from_bytes(signed[-8:], "big") <= tried["at_seconds"] else "good"


def tickets(given):
    keys = {key["id"]: bytes.fromhex(key["bytes"]) for key in given["keys"]}
    for ticket in given["signed"]:
        ticket["text"] = sign(ticket["key_id"], keys[ticket["key_id"]], ticket)
    for tried in given["tried"]:
        tried["outcome"] = outcome(keys, tried)


# Waiting


def refresh_seconds(wait_milliseconds, waiting, salt):
    longest = 600_000 if waiting <= 3_000_000 else 1_200_000 if waiting <= 6_000_000 else 2_400_000
    half = longest if wait_milliseconds is None else min(max(wait_milliseconds // 2, 5_000), longest)
    mixed = (salt + 0x9E3779B97F4A7C15) % 2**64
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB % 2**64
    mixed ^= mixed >> 31
    return (half * (900 + mixed % 201) + 500_000) // 1_000_000


def turn(given):
    admitted = 0 if given["threshold"] is None else int(given["threshold"], 16) + 1
    if int(given["last"], 16) < admitted:
        return "come"
    if int(given["first"], 16) < admitted:
        return "begun"
    if given["rate"] == 0:
        return "unknown"
    wait = Fraction((int(given["last"], 16) + 1 - admitted) / PLACES / given["rate"])
    if wait > 86_400:
        return "unknown"
    unit = 60 if wait <= 1_800 else 300
    at = Fraction(given["at_milliseconds"], 1_000) + wait
    return int(-(-at // unit) * unit)


# Hash trees


def largest_power_below(size):
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    middle = largest_power_below(len(leaves))
    return sha256(b"\x01", root(leaves[:middle]), root(leaves[middle:]))


def path(leaves, index):
    if len(leaves) == 1:
        return []
    middle = largest_power_below(len(leaves))
    if index < middle:
        return path(leaves[:middle], index) + [root(leaves[middle:])]
    return path(leaves[middle:], index - middle) + [root(leaves[:middle])]


def tree(given):
    leaves = [sha256(b"\x00", bytes.fromhex(entry)) for entry in given["entries"]]
    given["roots"] = [root(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    for proof in given["proofs"]:
        proof["path"] = [beside.hex() for beside in path(leaves[: proof["size"]], proof["index"])]


def recomputed(vectors):
    vectors = copy.deepcopy(vectors)
    for given in vectors["draws"]:
        draw(given)
    line(vectors["line"])
    tickets(vectors["tickets"])
    for given in vectors["refresh"]:
        given["seconds"] = refresh_seconds(given["wait_milliseconds"], given["waiting"], int(given["salt"], 16))
    for given in vectors["turns"]:
        given["turn"] = turn(given)
    tree(vectors["tree"])
    return vectors


def differences(found, expected, where=""):
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(set(found) | set(expected)):
            yield from differences(found.get(key), expected.get(key), f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        for index, pair in enumerate(zip(found, expected)):
            yield from differences(*pair, f"{where}[{index}]")
    elif found != expected:
        yield f"{where.lstrip('.')} is {found!r} and should be {expected!r}"


def main(arguments):
    names = [argument for argument in arguments if argument != "--print"]
    name = names[0] if names else pathlib.Path(__file__).with_name("vectors.json")
    vectors = json.loads(pathlib.Path(name).read_text(encoding="utf-8"))
    expected = recomputed(vectors)
    if "--print" in arguments:
        print(json.dumps(expected, indent=2))
        return 0
    wrong = list(differences(vectors, expected))
    print("\n".join(wrong) or f"{name}: everything is as it should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
