"""What partners give, for how many points, while stock lasts: publishing, changing, restocking, taking off the shelf.

Stock is what was given in, less what was claimed, plus what came back; taking one is decided in the database.
"""

from rewards.offers import invariants
from rewards.offers.catalogue import COLOURS, KINDS, PICTURES
from rewards.offers.hindrances import Closed, hindrance, hindrances, sold_out
from rewards.offers.models import Offer
from rewards.offers.shelf import NotStanding, Published, edit, open_on, pause, publish, resume, withdraw
from rewards.offers.stock import SoldOut, put_back, restock, take

__all__ = [
    "COLOURS",
    "KINDS",
    "PICTURES",
    "Closed",
    "NotStanding",
    "Offer",
    "Published",
    "SoldOut",
    "edit",
    "hindrance",
    "hindrances",
    "invariants",
    "open_on",
    "pause",
    "publish",
    "put_back",
    "restock",
    "resume",
    "sold_out",
    "take",
    "withdraw",
]
