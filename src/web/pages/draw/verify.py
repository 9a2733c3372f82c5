import hmac, json, sys
from hashlib import sha256
draw, phone = json.load(open(sys.argv[1])), sys.argv[2]
code, parts = draw["opening"].encode(), b""
for party in draw["parties"]:
    parts += bytes.fromhex(party["seed"] or party["commitment"])
    assert not party["seed"] or sha256(parts[-32:]).hexdigest() == party["commitment"]
key = sha256(parts + bytes.fromhex(draw["beacon_value"] or "") + code).digest()
assert sha256(key).hexdigest() == draw["fingerprint"]
print(hmac.new(key, code + phone.encode(), "sha256").hexdigest()[:16])
