# 礼遇 Liyu. `make run` opens the platform, `make test` proves it; each does all its own set-up.

# The first Python on this machine that is new enough.
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)

# Debian's python3 may come without ensurepip: then the system's pip fills the venv from outside.
PIP = $(shell [ -x .venv/bin/pip ] && echo .venv/bin/python -m pip || echo $(PYTHON) -m pip --python .venv/bin/python) \
	--disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test check sbom bench faults cluster format lock clean browser tools pictures

help:
	@echo 'make run      open the platform on this machine, with the sample street'
	@echo 'make test     every test, on SQLite and on PostgreSQL'
	@echo 'make check    format, lint, types, import order, locks'
	@echo 'make sbom     everything that runs, with versions and hashes, as CycloneDX'
	@echo 'make bench    the journeys under load beside their yardsticks'
	@echo 'make faults   kill, cut, fill, race and jump the clock; then prove the books'
	@echo 'make cluster  three PostgreSQL nodes and two application hosts on this machine'
	@echo 'make format   put the code into the shape that check asks for'
	@echo 'make pictures  take the pictures of the README anew'
	@echo 'make lock     choose the newest allowed dependencies and pin them'
	@echo 'make clean    take away what was installed; the database stays'

run: .venv/installed
	@.venv/bin/flask --app app serve --first-run

# Three at a time on two cores: a test that waits for a server or a browser leaves its core to another.
# Arguments for pytest go in ARGS: make test ARGS="tests/races --engine sqlite"
# Compiled files are kept: the tests start a hundred servers and commands, each of which would compile us anew.
test: .venv/installed-dev browser
	@PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -n 3 --maxschedchunk=4 --engine both $(ARGS)

check: .venv/installed-dev
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/python tests/whole/locks.py

sbom: .venv/installed-dev
	@.venv/bin/python -m tests.whole.sbom

bench: .venv/installed-dev tools
	@.venv/bin/python -m benchmarks $(ARGS)

faults: .venv/installed-dev tools
	@.venv/bin/python -m tests.faults $(ARGS)

cluster: .venv/installed-dev tools
	@.venv/bin/python -m deploy.cluster $(ARGS)

format: .venv/installed-dev
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

pictures: .venv/installed-dev browser
	@.venv/bin/python tests/pictures.py

lock: .venv/installed-dev
	@$(PIP) install --quiet 'uv>=0.9'
	@.venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header pyproject.toml -o requirements.lock
	@.venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --extra dev \
		-c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ── set-up: a lock is installed again only when it has changed ──

.venv/bin/python:
	@[ -n "$(PYTHON)" ] || { echo 'Python 3.11 or newer is needed, and python3 here is older or missing.'; exit 1; }
	@echo 'Making .venv with $(PYTHON)'
	@$(PYTHON) -m venv .venv 2>/dev/null || $(PYTHON) -m venv --clear --without-pip .venv

.venv/installed: requirements.lock | .venv/bin/python
	@echo 'Installing what the platform needs'
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@touch $@

.venv/installed-dev: requirements-dev.lock | .venv/bin/python
	@echo 'Installing what the tests need'
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# The browser tests drive Debian's Chromium, best the one without windows; where none can be had they are reported as skipped.
APT = { apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $(1); } >/dev/null 2>&1
browser:
	@command -v chromium-headless-shell >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo 'Installing Chromium for the browser tests' && \
		{ { $(call APT,chromium-headless-shell); } || command -v chromium >/dev/null || { $(call APT,chromium); }; }; } || \
	command -v chromium chromium-browser google-chrome >/dev/null || \
	echo 'The browser tests are skipped: install Chromium first (Debian, Ubuntu: sudo apt-get install chromium).'

# What breaks things on purpose and what stands beside us in a city: where it cannot be had, that run is skipped and says so.
TOOLS = caddy etcd-client etcd-server faketime haproxy iproute2 iptables nginx-light patroni pgbouncer postgresql python3-etcd \
	shellcheck slowhttptest xfsprogs
tools:
	@dpkg -s $(TOOLS) >/dev/null 2>&1 || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo 'Installing the tools of the fault runs' && \
		{ apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $(TOOLS); } >/dev/null 2>&1; } || \
	echo 'Runs that need them are skipped: install first (Debian, Ubuntu: sudo apt-get install $(TOOLS)).'
