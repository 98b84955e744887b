"""`make cluster`: a leader, two replicas and two application hosts on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from deploy.cluster import layout as where
from deploy.cluster.nodes import ROOT, Cluster


def main() -> int:
    """Start all of it, say where everything is, and stop cleanly."""
    asked = argparse.ArgumentParser(prog="make cluster ARGS=…", description=__doc__)
    asked.add_argument("--folder", type=Path, default=ROOT / "instance" / "cluster")
    asked.add_argument(
        "--port", type=int, default=21000, help="where people find it; 70 ports from here are used"
    )
    asked.add_argument("--sample", choices=("tiny", "community", "street", "none"), default="community")
    asked.add_argument("--workers", type=int, default=2, help="on each application host")
    options = asked.parse_args()

    if absent := where.missing():
        print(f"The cluster needs {', '.join(absent)}: run `make tools` as root, or install them.")
        return 1
    layout = where.prepare(options.folder.resolve(), options.port)
    if not where.enterable(layout.folder):
        print(
            f"{where.owner()} may not enter {layout.folder}: choose a --folder such as /var/lib/liyu-cluster."
        )
        return 1
    if busy := where.taken(layout):
        print(f"Somebody listens on {', '.join(map(str, busy))} already: choose another --port.")
        return 1
    cluster = Cluster(layout, workers=options.workers)
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _stop)
    try:
        print("etcd ×3, Patroni/PostgreSQL ×3, HAProxy, PgBouncer ×2 …", flush=True)
        cluster.start_databases()
        cluster.flask("db", "upgrade")
        if options.sample != "none":
            cluster.flask("demo", "load", "--size", options.sample)
        print("application hosts ×2 …", flush=True)
        cluster.start_applications()
        _announce(cluster)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("\nStopping …", flush=True)
    finally:
        for quiet in (signal.SIGINT, signal.SIGTERM):
            signal.signal(quiet, signal.SIG_IGN)
        cluster.stop()
    return 0


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _announce(cluster: Cluster) -> None:
    layout, leader = cluster.layout, cluster.leader()
    pid_file = layout.folder / f"node{leader}" / "data" / "postmaster.pid"
    port = layout.port
    print(f"""
  礼遇 Liyu  →  {layout.web}

  leader                 node {leader}; has every commit too: node {cluster.synchronous()}
  application hosts      {port("application", 1)}, {port("application", 2)}
  PgBouncer              {port("pgbouncer", 1)}, {port("pgbouncer", 2)}
  leader / replicas      {port("rw")} / {port("ro")}, through HAProxy; figures on http://127.0.0.1:{port("figures")}
  PostgreSQL nodes       {port("postgres", 1)}, {port("postgres", 2)}, {port("postgres", 3)}
  logs, data, passwords  {layout.folder}

  Who leads:             patronictl -c {layout.folder}/patroni1.yml list
  Kill the leader:       kill -9 {cluster.processes[f"node{leader}"].pid} $(head -1 {pid_file})
  Hand over gently:      patronictl -c {layout.folder}/patroni1.yml switchover

  Ctrl-C stops everything; what was written stays.
""", flush=True)  # fmt: skip


sys.exit(main())
