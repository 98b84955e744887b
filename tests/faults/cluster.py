"""F08: a machine of the cluster dies under check-ins. The files are those of deploy/cluster, all on loopback.

The leader goes with its Patroni, as in a power cut; or one of the two application hosts goes. What was acknowledged is
there afterwards, and nobody starts anything by hand but the machine that died.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import statistics
import time
from itertools import pairwise
from pathlib import Path
from random import Random

from deploy.cluster import layout as where
from deploy.cluster.nodes import Cluster, until
from tests.conftest import SECRET
from tests.engines import free_port
from tests.faults import street
from tests.faults.databases import folder
from tests.faults.load import Book, Load, Phone
from tests.faults.registry import Outcome, Skipped, fault
from tests.faults.stand import Proof, compare
from tests.faults.street import Person, Street

#: A load that leaves the two cores some air: what is measured is the change of machines.
CLIENTS, PAUSE_S = 12, 0.2
GAP_MAX_S = 15


class Stream(Load):
    """People who arrive one after another, about fifty a second, until told to stop."""

    def _insist(self, phone: Phone, person: Person) -> None:
        self._stop.wait(PAUSE_S)
        super()._insist(phone, person)

    def gap(self, moment: float) -> float:
        """The longest that nobody had an answer to keep, from a moment of time.monotonic() on."""
        good = sorted(end for _, end, status in list(self.book.took) if status in ("200", "201"))
        since = [moment, *(end for end in good if end >= moment)]
        return max(later - earlier for earlier, later in pairwise(since)) if len(since) > 1 else float("inf")


@fault(
    "F08",
    "the leader's machine dies under check-ins, again and again",
    target=f"0 lost, every gap ≤ {GAP_MAX_S} s, no 500, hosts heal by themselves",
    engines=("postgresql",),
    long={"rounds": 5},
)
def leader_killed(engine: str, dice: Random, *, rounds: int) -> Outcome:
    """Kill the leader of the day, wait for the next one, bring the dead one back as a replica."""
    cluster = _cluster()
    hosts = {name: process.pid for name, process in cluster.processes.items() if name.startswith("host")}
    load = _stream(cluster, people=rounds * 3000)
    gaps, returns = [], []
    for _ in range(rounds):
        until(lambda: cluster.synchronous() and len(cluster.replicas()) == 2, 90, "both replicas")
        time.sleep(dice.uniform(2, 5))  # anywhere between two renewals of the leader's key
        leader = cluster.leader()
        assert leader
        killed = time.monotonic()
        cluster.kill_node(leader)
        until(
            lambda at=killed: load.book.good_since(at) is not None and cluster.leader(), 90, "another leader"
        )
        time.sleep(2)
        gaps.append(load.gap(killed))
        begun = time.monotonic()
        cluster.start_node(leader)
        until(lambda back=leader: back in cluster.replicas(), 120, f"node {leader} as a replica")
        returns.append(time.monotonic() - begun)
    book = load.stop()
    proof = _proof(cluster, book)
    healed = all(
        cluster.processes[name].pid == pid and cluster.processes[name].poll() is None
        for name, pid in hosts.items()
    )
    figure = (
        f"{rounds} leaders killed, {proof}; gap median {statistics.median(gaps):.1f} s, worst {max(gaps):.1f} s; "
        f"the dead one back in {statistics.median(returns):.1f} s, worst {max(returns):.1f} s; {_said(book)}"
    )
    return Outcome(figure, proof.good and healed and max(gaps) <= GAP_MAX_S and not _crashes(book))


@fault(
    "F08-host",
    "one of two application hosts dies under check-ins",
    target="0 lost; only what it was answering is asked again; the other host carries on",
    engines=("postgresql",),
    long={"rounds": 5},
)
def host_killed(engine: str, dice: Random, *, rounds: int) -> Outcome:
    """Kill an application host by chance and bring it back, while the other one answers."""
    cluster = _cluster()
    load = _stream(cluster, people=rounds * 1000)
    gaps = []
    for _ in range(rounds):
        time.sleep(dice.uniform(2, 4))
        host, killed = dice.choice(where.APPLICATIONS), time.monotonic()
        cluster.kill_application(host)
        time.sleep(4)
        gaps.append(load.gap(killed))
        cluster.start_application(host)
        until(lambda back=host: cluster.application_answers(back), 90, f"host {host}")
    book = load.stop()
    proof = _proof(cluster, book)
    unanswered = book.statuses["none"] + sum(book.statuses[status] for status in ("502", "503"))
    figure = (
        f"{rounds} hosts killed, {proof}; {unanswered} of {book.tries} requests asked again; "
        f"longest without an answer {max(gaps):.1f} s; {_said(book)}"
    )
    return Outcome(figure, proof.good and unanswered <= rounds * CLIENTS and not _crashes(book))


@functools.cache
def _cluster() -> Cluster:
    """The cluster both faults share."""
    if absent := where.missing():
        raise Skipped(f"not on this machine: {', '.join(absent)}")
    at = folder() / "cluster"
    atexit.register(shutil.rmtree, at.parent, ignore_errors=True)
    cluster = Cluster(where.prepare(at, _base()), workers=2, SECRET_KEY=SECRET, BASE_URL="http://localhost")
    atexit.register(cluster.stop)
    cluster.start_databases()
    cluster.flask("db", "upgrade")
    cluster.start_applications()
    return cluster


def _base() -> int:
    """Seventy free ports in a row."""
    for _ in range(50):
        base = min(free_port(), 31900)
        if not where.taken(where.Layout(Path(), base)):
            return base
    raise Skipped("no seventy free ports in a row")


@functools.cache
def _people(leader_url: str) -> Street:
    return street.settle(leader_url, 20_000)


def _stream(cluster: Cluster, *, people: int) -> Stream:
    """A day of its own on which so many people arrive at the two hosts."""
    url = cluster.layout.leader_url
    settled = _people(url)
    here = Street(**{**vars(settled), "people": settled.people[:people]})
    del settled.people[:people]  # nobody comes twice, so that a stay too many is seen
    with street.inside(url):
        street.begin_day(here)
    load = Stream(cluster.layout.port("web"), here, here.people, clients=CLIENTS)
    load.start()
    until(lambda: len(load.book.answers) > CLIENTS, 60, "the first answers")
    return load


_told = Book()


def _proof(cluster: Cluster, book: Book) -> Proof:
    """Compare all that was ever told with the one database both faults share."""
    _told.merge(book)
    return compare(cluster.layout.leader_url, _told)


def _crashes(book: Book) -> int:
    return sum(count for status, count in book.statuses.items() if status.startswith("500"))


def _said(book: Book) -> str:
    return "answers " + ", ".join(f"{status} ×{count}" for status, count in sorted(book.statuses.items()))
