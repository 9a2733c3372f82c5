import csv, sys
from hashlib import sha256
secret, rows = sys.argv[1], csv.DictReader(open(sys.argv[2]))
print("fingerprint", sha256(bytes.fromhex(secret)).hexdigest())
def number(leftover, ticket):
    text = f"sunbeon standby 1\n{secret}\n{leftover}\n{ticket}\n"
    return sha256(text.encode()).hexdigest()[:16]
for row in rows:
    assert number(row["leftover"], row["ticket"]) == row["number"], row
    mine = number(row["leftover"], sys.argv[3])
    print(row["leftover"], row["number"], row["state"], "yours", mine)
