"""Check that the rows in a file from 礼遇 are inside a published day: python3 check_rows.py rows.json [books.json]"""

import hashlib
import json
import sys


def sha(data):
    return hashlib.sha256(data).digest()


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


day = read(sys.argv[1])
for row in day["rows"]:
    here = sha(b"\0" + bytes.fromhex(row["salt"]) + row["line"].encode() + b"\n")
    for side, other in row["path"]:
        pair = (bytes.fromhex(other), here) if side == "left" else (here, bytes.fromhex(other))
        here = sha(b"\1" + pair[0] + pair[1])
    if here.hex() != day["root"]:
        sys.exit("NOT INSIDE: " + row["line"])
said = "\n".join(["liyu-books-2", day["on"], str(day["postings"]), day["previous"], day["root"], ""])
if sha(said.encode()).hex() != day["head"]:
    sys.exit("THE HEAD DOES NOT FIT")
if len(sys.argv) > 2:
    kept = {one["on"]: one["head"] for one in read(sys.argv[2])["days"]}
    if kept.get(day["on"]) != day["head"]:
        sys.exit("NOT THE HEAD THAT WAS PUBLISHED")
print("OK", day["on"], len(day["rows"]), "rows, head", day["head"])
