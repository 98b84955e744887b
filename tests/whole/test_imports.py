"""The map in pyproject.toml is true: imports run downhill, doors are used, every module stands alone."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
FEATURES = {
    f"{package}.{folder.name}"
    for package in ("volunteer", "rewards")
    for folder in (ROOT / package).iterdir()
    if (folder / "__init__.py").exists()
}
#: Files of a feature that app.py mounts and nobody else imports.
MOUNTED = ("views", "api", "nightly", "reactions", "panels", "commands")


def _files() -> list[Path]:
    return [path for package in ("volunteer", "rewards") for path in sorted((ROOT / package).rglob("*.py"))]


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _modules() -> frozenset[str]:
    return frozenset(map(_name, _files()))


def _feature(module: str) -> str:
    return ".".join(module.split(".")[:2])


@cache
def _offered(feature: str) -> frozenset[str]:
    """What a feature's door has in `__all__`."""
    if feature not in FEATURES:
        return frozenset()
    door = ast.parse((ROOT / feature.replace(".", "/") / "__init__.py").read_text())
    for node in door.body:
        if isinstance(node, ast.Assign) and [getattr(name, "id", "") for name in node.targets] == ["__all__"]:
            return frozenset(ast.literal_eval(node.value))
    return frozenset()


@cache
def _imports(path: Path) -> tuple[tuple[int, str], ...]:
    """Every module of ours that a file imports, as `a.b` or `a.b.c`, with its line."""
    return tuple(_read(path))


def _read(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield node.lineno, inner if inner in _modules() else node.module


def test_imports_run_downhill():
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_features_meet_at_the_door_or_at_their_queries():
    wrong = []
    for path in _files():
        own = _feature(_name(path))
        for line, module in _imports(path):
            other = _feature(module)
            at_the_door = module in (other, f"{other}.queries") or module.split(".")[-1] in _offered(other)
            if other in FEATURES and other != own and not at_the_door:
                wrong.append(f"{path.relative_to(ROOT)}:{line} reaches past the door of {other} for {module}")
    assert not wrong, "\n".join(wrong)


def test_what_is_mounted_is_imported_by_app_alone():
    wrong = []
    for path in _files():
        for line, module in _imports(path):
            if _feature(module) in FEATURES and module.split(".")[-1] in MOUNTED and module.count(".") == 2:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_everything_that_can_be_mounted_is():
    mounted = {module for _, module in _imports(ROOT / "app.py")}
    there = {
        module for module in _modules() if _feature(module) in FEATURES and module.count(".") == 2
        and module.split(".")[-1] in MOUNTED
    }  # fmt: skip
    assert not there - mounted, f"on disk, but app.py does not import: {sorted(there - mounted)}"


def test_nothing_imports_app():
    assert not [path for path in _files() for _, module in _imports(path) if module.split(".")[0] == "app"]


def test_every_feature_has_a_front_door_that_says_what_it_is():
    wrong = [
        feature
        for feature in sorted(FEATURES)
        if not ast.get_docstring(ast.parse((ROOT / feature.replace(".", "/") / "__init__.py").read_text()))
    ]
    assert not wrong, f"no docstring at the door of {wrong}"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="imports are tried in forks, which this system lacks")
def test_every_feature_and_every_piece_of_ground_can_be_imported_first():
    # A module of a feature is always met through its door, so each feature is one try, and each ground file.
    tries: dict[str, list[str]] = {}
    for module in sorted(_modules()):
        tries.setdefault(_feature(module), []).append(module)
    libraries = {module for path in _files() for _, module in _imports(path)}
    libraries = {
        one for one in libraries if one.split(".")[0] not in ("app", "volunteer", "rewards", "__future__")
    }
    ran = subprocess.run(
        [sys.executable, "-c", FIRST, ",".join(sorted(libraries)), *map(",".join, tries.values())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr[-4000:]


# The libraries are loaded once; then each group of ours is the first of its kind in a process of its own.
FIRST = """
import importlib, os, sys, traceback
for library in sys.argv[1].split(","):
    importlib.import_module(library)
failed = 0
for group in sys.argv[2:]:
    child = os.fork()
    if child == 0:
        try:
            for name in group.split(","):
                importlib.import_module(name)
        except BaseException:
            print(f"{name} first:", traceback.format_exc(limit=-3), sep="\\n", flush=True)
            os._exit(1)
        os._exit(0)
    failed += os.waitpid(child, 0)[1] != 0
sys.exit(failed > 0)
"""


OURS = ("tests", "benchmarks", "deploy", "volunteer", "rewards")
RARE = sorted(
    path for part in ("tests/faults", "benchmarks", "deploy/cluster") for path in (ROOT / part).rglob("*.py")
)


@pytest.mark.parametrize("path", RARE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_runs_rarely_names_only_what_is_there(path: Path) -> None:
    """What `make faults`, `make bench` and `make cluster` ask of one of our modules is in it: they run for an hour."""
    tree = ast.parse(path.read_text())
    modules: dict[str, ModuleType] = {}
    for found in ast.walk(tree):
        if isinstance(found, ast.ImportFrom) and (found.module or "").split(".")[0] in OURS:
            for one in found.names:
                with suppress(ModuleNotFoundError):
                    modules[one.asname or one.name] = importlib.import_module(f"{found.module}.{one.name}")
    own = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    own |= {one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)}
    missing = {
        f"{one.value.id}.{one.attr}"
        for one in ast.walk(tree)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)
        and one.value.id in modules.keys() - own and not hasattr(modules[one.value.id], one.attr)
    }  # fmt: skip
    assert not missing
