"""The blueprint of the gate; its pages are in three files, by who uses them."""

from __future__ import annotations

from flask import request

from volunteer import signing
from volunteer.web import Pages

pages = Pages("checkin", __name__)


def scan_name() -> str:
    """The name the page gave its scan, or a new one."""
    scan = request.form.get("scan", "")
    return scan if 8 <= len(scan) <= 64 and scan.isascii() else signing.scan_id()
