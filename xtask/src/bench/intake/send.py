"""Sends every mail of a folder by SMTP over several connections, and looks for
each of them in the hub.

Usage: BELFRY_TOKEN=T send.py HOST PORT CONNECTIONS FOLDER API. Prints how many were
accepted, how fast, the spread of the time from MAIL to receipt, and how many are
there again octet for octet, read and in a case. Ends with 1 when one is missing.
"""

import http.client
import json
import os
import smtplib
import sys
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue


class Session(smtplib.SMTP):
    """Keeps the reply to the last DATA, which names the receipt."""

    def data(self, message):
        self.receipt = super().data(message)
        return self.receipt


def send(host, port, mails, taken, refused):
    with Session(host, port, timeout=60) as session:
        session.ehlo("bench.example")
        while True:
            try:
                mail = mails.get_nowait()
            except Empty:
                return
            start = time.perf_counter()
            try:
                session.sendmail("reporter@bench.example", ["report@belfry.example"], mail.read_bytes())
                seconds = time.perf_counter() - start
                taken.append((seconds, mail, session.receipt[1].decode().split()[-1]))
            except smtplib.SMTPResponseException as problem:
                refused.append((mail.name, problem))
                session.rset()


class Api:
    def __init__(self, address, token):
        self.connection = http.client.HTTPConnection(address, timeout=60)
        self.headers = {"Authorization": "Bearer " + token}

    def get(self, path):
        self.connection.request("GET", "/api/v1/" + path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]}")
        return body


def wait_until_read(api):
    while json.loads(api.get("statistics"))["unread"]:
        time.sleep(0.1)


def as_sent(mail):
    """What smtplib puts on the wire: octets as they are, with a line end at last."""
    octets = mail.read_bytes()
    return octets if octets.endswith(b"\r\n") else octets + b"\r\n"


def find_again(api, taken):
    """Which reports differ from what was sent, and which have no case."""
    differ, caseless = [], []
    for _, mail, receipt in taken:
        if api.get(f"reports/{receipt}/original") != as_sent(mail):
            differ.append(mail.name)
        if not json.loads(api.get(f"reports/{receipt}"))["cases"]:
            caseless.append(mail.name)
    return differ, caseless


def main():
    host, port, connections, folder, address = sys.argv[1:]
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
    left = mails.qsize()
    if left:
        print(f"intake: {left} mails not sent: a connection ended early")
    if not taken:
        return 1
    api = Api(address, os.environ["BELFRY_TOKEN"])
    wait_until_read(api)
    read = time.perf_counter() - start
    times = sorted(seconds for seconds, _, _ in taken)
    median, p99 = times[len(times) // 2] * 1e3, times[len(times) * 99 // 100] * 1e3
    print(
        f"intake: {len(taken)} accepted, {len(refused)} refused, {len(taken) / whole:.0f} mails/s, "
        f"median {median:.1f} ms, p99 {p99:.1f} ms, all read after {read:.1f} s"
    )
    differ, caseless = find_again(api, taken)
    print(f"intake: {len(taken) - len(differ)} found again octet for octet, {len(caseless)} without a case")
    for name in differ + caseless:
        print(f"intake: look at {name}")
    return 1 if refused or left or differ or caseless else 0


sys.exit(main())
