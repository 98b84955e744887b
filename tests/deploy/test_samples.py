"""The files to deploy with are read by the tools they are written for, and say what the application relies on."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from tests import engines
from volunteer.config import Config
from volunteer.db import db
from volunteer.ledger import guards

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
KEY = "a-secret-key-0123456789-abcdefghijklmnop"


def _tool(*names: str) -> str:
    """The path of a tool; without it the test is skipped and says so."""
    for name in names:
        if found := shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin"):
            return found
    pytest.skip(f"{names[0]} is not on this machine: `make tools` installs it")


def _run(*words: Any, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, words)], capture_output=True, text=True, check=False, **options)


@pytest.fixture
def nginx_conf(tmp_path: Path) -> Path:
    """The sample with its paths in a folder of the test's own."""
    openssl = _tool("openssl")
    _run(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=liyu.example.org", "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem")  # fmt: skip
    sample = (DEPLOY / "nginx.conf").read_text()
    for there in ("/etc/liyu/tls/", "/var/log/nginx/", "/run/"):
        assert there in sample
        sample = sample.replace(there, f"{tmp_path}/")
    sample = sample.replace("listen 443", f"listen 127.0.0.1:{engines.free_port()}")
    sample = sample.replace("listen 80 ", f"listen 127.0.0.1:{engines.free_port()} ")
    made = tmp_path / "nginx.conf"
    made.write_text(sample)
    return made


def test_nginx_reads_its_sample(nginx_conf: Path) -> None:
    said = _run(_tool("nginx"), "-t", "-c", nginx_conf)
    assert said.returncode == 0, said.stderr
    assert "[warn]" not in said.stderr


def test_caddy_reads_its_sample(tmp_path: Path) -> None:
    environ = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    sample = tmp_path / "Caddyfile"
    sample.write_text((DEPLOY / "Caddyfile").read_text().replace("/var/log/caddy", str(tmp_path)))
    said = _run(_tool("caddy"), "validate", "--adapter", "caddyfile", "--config", sample, env=environ)
    assert said.returncode == 0, said.stderr
    neat = _run(_tool("caddy"), "fmt", sample, env=environ)
    assert neat.stdout == sample.read_text(), "caddy fmt would change it"


def test_systemd_reads_the_units(tmp_path: Path) -> None:
    verify = _tool("systemd-analyze")
    for unit in (DEPLOY / "systemd").iterdir():
        # What the units start is on the server, not here.
        words = re.sub(r"/opt/liyu/\.venv/bin/flask", "/bin/true", unit.read_text())
        (tmp_path / unit.name.replace("@", "@8001")).write_text(words.replace("User=liyu\nGroup=liyu\n", ""))
    units = sorted(tmp_path.iterdir())
    said = _run(verify, "verify", "--man=no", *units, env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"})
    ours = [line for line in said.stderr.splitlines() if "liyu" in line]
    assert said.returncode == 0 and not ours, said.stderr


def test_every_setting_in_the_samples_is_one_that_is_read(tmp_path: Path) -> None:
    """A name mistyped in a sample would be believed by somebody."""
    lines = [line for line in (DEPLOY / "env.example").read_text().splitlines() if line and line[0] != "#"]
    sample = {name: value.replace("CHANGE-ME", KEY) for name, value in (line.split("=", 1) for line in lines)}
    config = Config.from_env(sample, tmp_path)
    assert config.https and config.trusted_proxies == 1 and config.metrics_token and config.backup_keys
    known = (DEPLOY.parent / "volunteer" / "config.py").read_text()
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for name in {*sample, *compose["x-liyu"]["environment"]}:
        assert f'"{name}"' in known, f"nobody reads {name}"


def test_the_compose_file_hangs_together() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = compose["services"]
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).exists(), f"{name}: {volume}"
        assert "image" in service or (DEPLOY / "compose.yaml").parent.joinpath("Containerfile").exists()
    proxied = (DEPLOY / "Caddyfile").read_text()
    assert {"web1", "web2"} <= set(services) and "reverse_proxy web1:8000 web2:8000" in proxied
    docker = shutil.which("docker")
    if docker and _run(docker, "compose", "version").returncode == 0:
        wanted = dict.fromkeys(re.findall(r"\$\{(\w+):\?\}", (DEPLOY / "compose.yaml").read_text()), KEY)
        said = _run(
            docker, "compose", "-f", DEPLOY / "compose.yaml", "config", "-q", env={**os.environ, **wanted}
        )
        assert said.returncode == 0, said.stderr


def test_nothing_a_person_typed_reaches_a_log_of_the_samples() -> None:
    """T23: no query in the proxies' logs, no parameters in the database's."""
    nginx = (DEPLOY / "nginx.conf").read_text()
    form = nginx[nginx.index("log_format") : nginx.index("access_log")]
    assert (
        not {"$request ", "$request_uri", "$args", "$query_string", "$http_", "$remote_addr"}
        & set(re.findall(r"\$\w+", form))
        and "$request_uri" not in form
    )
    assert "request>headers delete" in (DEPLOY / "Caddyfile").read_text()
    settings = (DEPLOY / "postgresql.conf").read_text()
    assert "log_parameter_max_length = 0" in settings and "log_parameter_max_length_on_error = 0" in settings
    assert "fsync = on" in settings and "synchronous_commit = on" in settings


def test_the_log_of_nginx_says_no_code_and_no_query(nginx_conf: Path, tmp_path: Path) -> None:
    """T23: a real request with a code and a phone in it leaves neither in the log."""
    nginx = _tool("nginx")
    port = re.findall(r"listen 127\.0\.0\.1:(\d+) ssl", nginx_conf.read_text())[0]
    server = subprocess.Popen([nginx, "-c", str(nginx_conf), "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    try:
        for path in ("/c/SECRETCODE?phone=13800000001", "/calendar?q=13800000001"):
            for _ in range(50):
                said = _run(
                    "curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", f"https://127.0.0.1:{port}{path}"
                )
                if said.stdout == "502":
                    break
                time.sleep(0.1)
            assert said.stdout == "502", "nobody stands behind it, and nginx says so"
    finally:
        server.terminate()
        server.wait(20)
    lines = [json.loads(line) for line in (tmp_path / "liyu.log").read_text().splitlines()]
    assert {line["path"] for line in lines} == {"/c/-", "/calendar"}
    assert all(line["request_id"] and line["from"] == "127.0.0.0" for line in lines)
    assert "SECRETCODE" not in (tmp_path / "liyu.log").read_text() and "138" not in json.dumps(
        [line["path"] for line in lines]
    )


def test_the_application_works_as_a_role_that_owns_nothing(
    engine: Any, here: Any, xiaoman: Any, give_points: Any, make_app: Any
) -> None:
    """S26: liyu_app earns and spends points, and cannot touch what is written, nor the tables."""
    if engine.name != "postgresql":
        pytest.skip("roles are PostgreSQL's")
    who = xiaoman.id
    here.commit()
    with here.outside(), db.engine.connect() as owner:
        owner.exec_driver_sql((DEPLOY / "roles.sql").read_text().replace("%", "%%"))
        owner.exec_driver_sql((DEPLOY / "roles.sql").read_text().replace("%", "%%"))
        owner.commit()
    address = make_url(engine.url).set(drivername="postgresql+psycopg", username="liyu_app", password=None)
    restricted = create_engine(address)
    try:
        with restricted.begin() as app:
            app.execute(text("UPDATE account SET name = '小满' WHERE id = :id"), {"id": who})
            app.execute(text("INSERT INTO event (at, kind, facts) VALUES (now(), 'test.Event', '{}')"))
        for forbidden in (
            "UPDATE ledger_posting SET amount = 1", "DELETE FROM event", "TRUNCATE ledger_posting",
            "CREATE TABLE mine (id int)", "ALTER TABLE event DISABLE TRIGGER USER", "DROP TABLE notice",
            "UPDATE alembic_version SET version_num = 'x'", "SET session_replication_role = replica",
        ):  # fmt: skip
            with pytest.raises(DBAPIError) as refused, restricted.begin() as app:
                app.execute(text(forbidden))
            assert refused.value.orig.sqlstate in ("42501", "42P01"), forbidden
        with restricted.connect() as app:
            for table in guards.APPEND_ONLY:
                held = "SELECT has_table_privilege('liyu_app', :table, 'UPDATE, DELETE, TRUNCATE')"
                assert app.scalar(text(held), {"table": table}) is False
    finally:
        restricted.dispose()
        with here.outside(), db.engine.connect() as owner:
            owner.execute(text("DROP OWNED BY liyu_app"))
            owner.commit()
