"""The bill of materials: everything that runs, with version and hashes, in CycloneDX, read from the lock and static/vendor.

`make sbom` writes it to instance/sbom.json and asks pip-audit about known faults where pip-audit is installed; where it
is not, or has no database within reach, that is said and nothing else. The same lock gives the same bill.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
VENDOR = re.compile(r"^(.+)-(\d[\w.]*)$")


def bill() -> dict[str, Any]:
    """Return the bill of materials as CycloneDX 1.6."""
    text = (ROOT / "requirements.lock").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked, vendored = _locked(text), _vendored()
    found = [*locked.values(), *vendored]
    asked = {name for name, block in _blocks(text) if "(pyproject.toml)" in block}
    direct = [one["bom-ref"] for one in found if one["name"] in asked or one in vendored]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text + json.dumps(found))}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": project["name"],
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": found,
        "dependencies": [{"ref": project["name"], "dependsOn": direct}],
    }


def _blocks(text: str) -> list[tuple[str, str]]:
    """The pins of a lock, each with its own lines."""
    blocks = re.split(r"\n(?=\S)", text.strip())
    return [(pin[1].lower(), block) for block in blocks if (pin := PIN.match(block))]


def _locked(text: str) -> dict[str, dict[str, Any]]:
    found = {}
    for name, block in _blocks(text):
        version = block.split("==", 1)[1].split()[0].rstrip(";")
        reference = f"pkg:pypi/{name}@{version}"
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", block)
        found[reference] = {
            "type": "library",
            "bom-ref": reference,
            "name": name,
            "version": version,
            "purl": reference,
            "hashes": [{"alg": "SHA-256", "content": one} for one in hashes],
        }
    return found


def _vendored() -> list[dict[str, Any]]:
    found = []
    for folder in sorted((ROOT / "static" / "vendor").iterdir()):
        named = VENDOR.match(folder.name)
        assert named, f"static/vendor/{folder.name}: name it NAME-VERSION"
        reference = f"pkg:npm/{named[1]}@{named[2]}"
        found.append(
            {"type": "library", "bom-ref": reference, "name": named[1], "version": named[2], "purl": reference}
        )  # fmt: skip
    return found


def audit() -> str:
    """Ask about known faults; return what came of it, in one line."""
    tool = shutil.which("pip-audit")
    if tool is None:
        return "NOT LOOKED UP: known faults; pip-audit is not installed here"
    asked = subprocess.run(
        [tool, "--require-hashes", "--disable-pip", "-r", ROOT / "requirements.lock"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    if asked.returncode and "found" not in asked.stdout + asked.stderr:
        return "NOT LOOKED UP: known faults; their database is out of reach"
    return (asked.stdout + asked.stderr).strip()


if __name__ == "__main__":
    target = ROOT / "instance" / "sbom.json"
    target.parent.mkdir(exist_ok=True)
    made = bill()
    target.write_text(json.dumps(made, indent=1) + "\n")
    print(f"{target.relative_to(ROOT)}: {len(made['components'])} components")
    print(audit())
