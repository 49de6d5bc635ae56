"""A mail server that demands STARTTLS and a login, by aiosmtpd.

Usage: aiosmtpd.py HOST CERTIFICATE KEY FILE. Prints its port; appends each mail to
FILE with its envelope. Takes user `belfry` with password `plant-password`, and no mail
for nobody@example.com. Ends when its standard input does.
"""

import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, file):
        self.file = file

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == "nobody@example.com":
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        head = f"from {envelope.mail_from} to {envelope.rcpt_tos} tls {session.ssl is not None}\n"
        with open(self.file, "ab") as file:
            file.write(head.encode() + envelope.content)
        return "250 OK"


def login(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (b"belfry", b"plant-password")
    return AuthResult(success=right, handled=right)


async def main():
    host, certificate, key, file = sys.argv[1:]
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            Handler(file),
            hostname="smarthost.example",
            tls_context=tls,
            require_starttls=True,
            auth_required=True,
            authenticator=login,
        ),
        host,
        0,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
