import hmac, json, sys
from hashlib import sha256
draw, phone = json.load(open(sys.argv[1])), sys.argv[2]
code, parts = draw["opening"].encode(), b""
for p in draw["parties"]:
    parts += bytes.fromhex(p["seed"] or p["commitment"])
    assert not p["seed"] or sha256(parts[-32:]).hexdigest() == p["commitment"]
key = sha256(parts + bytes.fromhex(draw["beacon_value"] or "") + code).digest()
assert sha256(key).hexdigest() == draw["fingerprint"]
print(hmac.new(key, code + phone.encode(), "sha256").hexdigest()[:16])
