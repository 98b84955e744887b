"""Kinds of news that may leave the inbox for a phone or a mailbox, and by which ways they do unless somebody chose.

The inbox has everything always. Features add theirs with `kind("day.changed", _("…"), sms=True)`.
"""

from __future__ import annotations

from dataclasses import dataclass

from volunteer.i18n import Sentence

CHANNELS = ("sms", "mail")


@dataclass(frozen=True)
class Kind:
    name: str
    title: Sentence
    sms: bool = False
    mail: bool = True
    order: int = 50

    def usual(self, channel: str) -> bool:
        """Whether it goes this way when nothing was chosen."""
        return self.sms if channel == "sms" else self.mail


KINDS: dict[str, Kind] = {}


def kind(name: str, title: Sentence, *, sms: bool = False, mail: bool = True, order: int = 50) -> Kind:
    """Add a kind, at its place on the page; asked for again by the same name it is the same."""
    return KINDS.setdefault(name, Kind(name, title, sms, mail, order))
