"""S23: no secret in what is committed, said by the patterns that such scans look for."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATTERNS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a cloud key": r"\b(?:AKIA|ASIA|LTAI|AKID)[0-9A-Za-z]{12,}\b",
    "a forge token": r"\b(?:gh[pousr]_[0-9A-Za-z]{30,}|glpat-[\w-]{20,})",
    "a chat token": r"\bxox[abposr]-[0-9A-Za-z-]{10,}",
    "a web token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "a payment key": r"\b[sr]k_live_[0-9A-Za-z]{16,}",
    "a secret set in place": r"(?i)\b(?:secret_key|backup_key|api_key|access_key|auth_token)\b['\"]?\s*[:=]\s*['\"]?[0-9A-Za-z+/_-]{32,}",
    "a password in an address": r"\b(?:postgresql|postgres|mysql|redis|amqp|https?)://[^\s:/@'\"{$<]+:(?!PASSWORD|password|\$|\{|<)[^\s:/@'\"]{6,}@",
}  # fmt: skip
#: What stands there on purpose: secrets of tests, told by the words in them.
MEANT = re.compile(r"(?i)test|example|sample|demo|canary|change|your|secret-of|0123456789")
BINARY = {".png", ".woff2", ".wasm", ".xlsx", ".ico", ".jpg", ".pdf", ".lock"}


def leaks(text: str) -> list[str]:
    return [
        f"{what}: {found[0][:60]}"
        for what, pattern in PATTERNS.items()
        for found in re.finditer(pattern, text)
        if not MEANT.search(found[0])
    ]


def test_no_secret_is_committed() -> None:
    """S23: every file of the repository, scanned."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout
    files = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    found = {
        path.relative_to(ROOT).as_posix(): told
        for path in files
        if path.is_file()
        and path.suffix not in BINARY
        and path.name != Path(__file__).name
        and (told := leaks(path.read_text(errors="replace")))
    }
    assert len(files) > 300 and found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "-----BEGIN RSA PRIVATE " + "KEY-----",
        "key = AKIA" + "IOSFODNN7ABCDEFG",
        "ghp_" + "a1B2" * 9,
        "SECRET_KEY=" + "q9Zx" * 12,
        "DATABASE_URL=postgresql://liyu:hunter22222@db/liyu",
        "eyJhbGciOiJIUzI1" + ".eyJzdWIiOiIxMjM0" + ".c2lnbmF0dXJlMTIz",
    ],
)
def test_a_planted_secret_is_found(planted: str) -> None:
    """S23: the scan sees what it is there for."""
    assert leaks(f"x\n{planted}\ny")
