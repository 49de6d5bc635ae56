"""CPU seconds a mail to find links: email and BeautifulSoup, and with ioc-finder."""
import pathlib
import sys
import time
import warnings
from email import message_from_bytes, policy

from bs4 import BeautifulSoup
from ioc_finder import find_iocs

warnings.simplefilter("ignore")


def texts(mail):
    for part in mail.walk():
        if part.get_content_maintype() != "text":
            continue
        payload = part.get_payload(decode=True) or b""
        try:
            text = payload.decode(part.get_content_charset() or "utf-8", "replace")
        except LookupError:
            text = payload.decode("utf-8", "replace")
        yield part.get_content_subtype(), text


def soup(mails):
    found = []
    for mail in mails:
        for kind, text in texts(message_from_bytes(mail, policy=policy.compat32)):
            if kind == "html":
                tree = BeautifulSoup(text, "html.parser")
                links = [a.get("href") for a in tree.find_all(["a", "area", "form", "img"])]
                text = tree.get_text(" ")
            else:
                links = []
            found.append((links, text))
    return found


mails = [path.read_bytes() for path in sorted(pathlib.Path(sys.argv[1]).iterdir())]
began = time.process_time()
found = soup(mails)
middle = time.process_time()
for _, text in found:
    find_iocs(text)
end = time.process_time()
print((middle - began) / len(mails), (end - began) / len(mails))
