"""Sends every mail of a folder by SMTP over several connections.

Usage: send.py HOST PORT CONNECTIONS FOLDER. Prints how many were accepted, how
fast, and the spread of the time from MAIL to receipt. Ends with 1 when a mail
was refused.
"""

import smtplib
import sys
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue


def send(host, port, mails, taken, refused):
    with smtplib.SMTP(host, port, timeout=60) as session:
        session.ehlo("bench.example")
        while True:
            try:
                mail = mails.get_nowait()
            except Empty:
                return
            start = time.perf_counter()
            try:
                session.sendmail("reporter@bench.example", ["report@belfry.example"], mail.read_bytes())
                taken.append(time.perf_counter() - start)
            except smtplib.SMTPResponseException as problem:
                refused.append((mail.name, problem))
                session.rset()


def main():
    host, port, connections, folder = sys.argv[1:]
    mails, taken, refused = SimpleQueue(), [], []
    for mail in sorted(Path(folder).iterdir()):
        mails.put(mail)
    threads = [
        threading.Thread(target=send, args=(host, int(port), mails, taken, refused))
        for _ in range(int(connections))
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = time.perf_counter() - start
    for name, problem in refused:
        print(f"refused: {name}: {problem}")
    taken.sort()
    if taken:
        median, p99 = taken[len(taken) // 2] * 1e3, taken[len(taken) * 99 // 100] * 1e3
        print(
            f"intake: {len(taken)} accepted, {len(refused)} refused, {len(taken) / whole:.0f} mails/s, "
            f"median {median:.1f} ms, p99 {p99:.1f} ms"
        )
    left = mails.qsize()
    if left:
        print(f"intake: {left} mails not sent: a connection ended early")
    return 1 if refused or left or not taken else 0


sys.exit(main())
