"""Sends mails of all kinds over several connections; one JSON line a mail out.

usage: send.py HOST PORT CONNECTIONS MAILS TLS(yes|no|implicit)
"""

import base64
import json
import re
import smtplib
import ssl
import sys
import threading

host, port, connections, mails, tls = sys.argv[1:]
printing = threading.Lock()


def mail(connection, number):
    head = f"Subject: mail {number} of {connection}\r\n\r\n".encode()
    kinds = [
        b"plain\r\n",
        b".\r\n..\r\n...a dot\r\n.b\r\n\r\n",
        b"line feeds\n.only\n..\n\n",
        b"\x00\xff\xfe eight bits \x80\r\n",
        b"a carriage\rreturn\r\n",
        b"long " + b"x" * 200_000 + b"\r\n",
    ]
    return head + kinds[number % len(kinds)]


def trusting():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connect():
    if tls == "implicit":
        return smtplib.SMTP_SSL(host, int(port), "client.example", context=trusting())
    return smtplib.SMTP(host, int(port), "client.example")


def send(connection):
    with connect() as client:
        if tls == "yes":
            client.starttls(context=trusting())
        for number in range(int(mails)):
            content = mail(connection, number)
            client.ehlo_or_helo_if_needed()
            client.mail("reporter@client.example")
            client.rcpt("report@csirt.example")
            code, text = client.data(content)
            # smtplib ends what does not end in CRLF with one.
            if not content.endswith(b"\r\n"):
                content += b"\r\n"
            found = re.fullmatch(rb"2\.0\.0 received as ([0-9A-Z-]+)", text)
            line = {
                "code": code,
                "receipt": found.group(1).decode() if found else None,
                "content": base64.b64encode(content).decode(),
            }
            with printing:
                print(json.dumps(line), flush=True)


threads = [threading.Thread(target=send, args=(n,)) for n in range(int(connections))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
