"""Fills a stopped hub's database with cases and reports, as a year of a country would.

Usage: fill.py DATABASE CASES REPORTS SECRET. Prints the number of a case in the middle.
SECRET becomes the session of a person who is signed in: no browser is measured here.
"""

import hashlib
import sqlite3
import sys
import time

path, cases, reports, secret = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
now = int(time.time() * 1000)
day = 86_400_000
db = sqlite3.connect(path, isolation_level=None)
db.execute("PRAGMA synchronous = OFF")
db.execute("BEGIN")
first_case = db.execute("SELECT value FROM counters WHERE name = 'cases'").fetchone()[0] + 1
first_report = db.execute("SELECT value FROM counters WHERE name = 'reports'").fetchone()[0] + 1
each = max(1, reports // cases)
brands = ["bank%02d" % n for n in range(50)]

# Four in five cases are open, of 20,000 domains; a campaign has fifty cases.
states = ["open"] * 8 + ["closed", "benign"]
db.executemany(
    "INSERT INTO cases (id, version, subject_key, subject_kind, host, registrable, status,"
    " state_until, opened_at, changed_at, reports, reporters, score_ppm, urgency, campaign_id)"
    " VALUES (?, 1, ?, 'host', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    (
        (
            first_case + n,
            "bench:%d" % n,
            "login%d.name%d.example" % (n, n % 20_000),
            "name%d.example" % (n % 20_000),
            states[n % 10],
            now + 20 * day if states[n % 10] == "benign" else None,
            now - (n * 7919 % day),
            now - (n * 7919 % day),
            each,
            each,
            (n * 6007) % 1_000_000,
            now + (n * 104_729) % 1_000_000_007,
            1_000_000 + n // 50,
        )
        for n in range(cases)
    ),
)
db.executemany(
    "INSERT INTO campaigns (id, opened_at, changed_at, cases, brand) VALUES (?, ?, ?, 50, ?)",
    ((1_000_000 + n, now - day, now, brands[n % 50]) for n in range((cases + 49) // 50)),
)
db.executemany(
    "INSERT INTO campaign_counts (month, brand, channel, cases, campaigns) VALUES (?, ?, ?, ?, ?)",
    (
        ("%d-%02d" % (2025 + m // 12, m % 12 + 1), brand, channel, m + 7, 3)
        for m in range(23)
        for brand in brands
        for channel in ("mail", "sms", "url")
    ),
)
letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def receipt(n):
    digest = hashlib.sha256(b"%d" % n).digest()
    text = "".join(letters[byte % 32] for byte in digest[:20])
    return "-".join(text[at : at + 5] for at in range(0, 20, 5))


db.executemany(
    "INSERT INTO reports (id, receipt, channel, content, size, received_at, stored_at, read_at,"
    " status, object, wrapped_key, authentic) VALUES (?, ?, 'smtp', 'mail', 9000, ?, ?, ?,"
    " 'read', ?, x'00', ?)",
    (
        (first_report + n, receipt(n), now - n % day, now - n % day, now, hashlib.sha256(b"object %d" % n).hexdigest(), n % 2)
        for n in range(reports)
    ),
)
db.executemany(
    "INSERT INTO report_cases (report_id, case_id, place) VALUES (?, ?, 0)",
    ((first_report + n, first_case + n % cases) for n in range(reports)),
)
db.executemany(
    "INSERT INTO case_reporters (case_id, reporter, authentic) VALUES (?, ?, ?)",
    (
        (first_case + n % cases, hashlib.md5(b"%d" % n).digest(), n % 2)
        for n in range(reports)
    ),
)
for name, value in (("cases", first_case + cases), ("reports", first_report + reports)):
    db.execute("UPDATE counters SET value = ? WHERE name = ?", (value, name))
db.execute("INSERT INTO people (name, role, handle, created_at) VALUES ('bench', 'admin', x'00', ?)", (now,))
db.execute(
    "INSERT INTO sessions (hash, name, begun_at, proven_at, ends_at) VALUES (?, 'bench', ?, ?, ?)",
    (hashlib.sha256(secret.encode()).digest(), now, now, now + day),
)
db.execute("COMMIT")
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
print(first_case + cases // 2)
