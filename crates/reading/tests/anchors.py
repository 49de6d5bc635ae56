"""Hosts of every anchor in a mail, found by Python's own parsers: `email`, `html.parser`
and, where it is installed, BeautifulSoup with each of its tree builders.

Reads an uncompressed tar archive of mails on standard input and prints lines of
`NAME <tab> HOST`, the first of them `parsers <tab> NAMES`. It opens nothing and follows nothing.
"""

import email
import socket
import sys
import tarfile
import unicodedata
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

try:
    import warnings

    from bs4 import BeautifulSoup, FeatureNotFound

    warnings.simplefilter("ignore")
except ImportError:
    BeautifulSoup = None


def builders():
    """Those of BeautifulSoup's tree builders that are installed."""
    found = []
    for name in ("html.parser", "lxml", "html5lib") if BeautifulSoup else ():
        try:
            BeautifulSoup("", name)
            found.append(name)
        except FeatureNotFound:
            pass
    return found


BUILDERS = builders()


class Anchors(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.hosts = set()

    def handle_starttag(self, tag, attrs):
        if tag not in ("a", "area"):
            return
        for name, value in attrs:
            if name == "href" and value:
                self.take(value)

    handle_startendtag = handle_starttag

    def take(self, href):
        try:
            parts = urlsplit(href.strip())
            host = parts.hostname
        except ValueError:
            return
        if parts.scheme in ("http", "https") and host:
            self.hosts.add(canonical(host))


def canonical(host):
    """A host as DNS knows it: disguises by width, percent and number undone."""
    host = unicodedata.normalize("NFKC", unquote(host)).lower().rstrip(".")
    if host[:1].isdigit() or host.startswith("0x"):
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            pass
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return host


def text_of(part):
    payload = part.get_payload(decode=True) or b""
    try:
        return payload.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return payload.decode("latin-1")


def hosts_of(mail):
    anchors = Anchors()
    for part in email.message_from_bytes(mail).walk():
        if part.get_content_type() == "text/html":
            text = text_of(part)
            anchors.feed(text)
            anchors.close()
            anchors.reset()
            for builder in BUILDERS:
                for tag in BeautifulSoup(text, builder).find_all(["a", "area"], href=True):
                    anchors.take(tag["href"])
    return anchors.hosts


print("parsers", "html.parser", *(f"BeautifulSoup ({name})" for name in BUILDERS), sep="\t")
archive = tarfile.open(fileobj=sys.stdin.buffer, mode="r|")
for entry in archive:
    if entry.isfile():
        for host in sorted(hosts_of(archive.extractfile(entry).read())):
            print(entry.name, ascii(host)[1:-1], sep="\t")
