"""What came to phones and mailboxes."""

from __future__ import annotations

import re
import socketserver
import threading
from email import message_from_bytes, policy

import pytest

from volunteer.notices import mails


@pytest.fixture
def out(capsys):
    """`out()` is what has left by text message and mail since it was asked last: [("sms", whom, first line)]."""

    def out():
        said = capsys.readouterr().err
        found = [("sms", *pair) for pair in re.findall(r"^\[SMS (\S+)\] (.*)$", said, re.M)]
        return found + [("mail", *pair) for pair in re.findall(r"^\[MAIL (\S+)\] (.*)$", said, re.M)]

    return out


@pytest.fixture
def mailbox(here):
    """`mailbox(xiaoman)` gives somebody an address that they have confirmed."""

    def mailbox(person, address="xiaoman@example.com"):
        mails.confirm(person, mails.token(person, address))

    return mailbox


@pytest.fixture
def post_office():
    """A mail server of the smallest kind: `.url`, and `.letters` it took in."""

    class Talk(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 here\r\n")
            for line in iter(self.rfile.readline, b""):
                word = line[:4].upper().strip()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    text = b"".join(iter(self.rfile.readline, b".\r\n"))
                    office.letters.append(message_from_bytes(text, policy=policy.default))
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 good\r\n")
                if word == b"QUIT":
                    return

    class Office(socketserver.ThreadingTCPServer):
        daemon_threads = True
        letters: list

    office = Office(("127.0.0.1", 0), Talk)
    office.letters = []
    office.url = f"smtp://127.0.0.1:{office.server_address[1]}"
    threading.Thread(target=office.serve_forever, daemon=True).start()
    yield office
    office.shutdown()
    office.server_close()
