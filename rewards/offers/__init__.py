"""What partners give, for how many points, while stock lasts: publishing, changing, restocking, taking off the shelf.

Stock is what was given in, less what was claimed, plus what came back; taking one is decided in the database, and so
is taking a place in a time that can be booked.
"""

from rewards.offers import draws, favourites, gates, invariants, pictures, slots, stock
from rewards.offers.catalogue import CATEGORIES, COLOURS, KINDS, PICTURES
from rewards.offers.hindrances import Closed, hindrance, hindrances, sold_out
from rewards.offers.models import Offer, OfferEntry, OfferPicture, OfferSlot
from rewards.offers.shelf import NotStanding, Published, edit, open_on, pause, publish, resume, withdraw
from rewards.offers.stock import SoldOut, put_back, restock, take

__all__ = [
    "CATEGORIES",
    "COLOURS",
    "KINDS",
    "PICTURES",
    "Closed",
    "NotStanding",
    "Offer",
    "OfferEntry",
    "OfferPicture",
    "OfferSlot",
    "Published",
    "SoldOut",
    "draws",
    "edit",
    "favourites",
    "gates",
    "hindrance",
    "hindrances",
    "invariants",
    "open_on",
    "pause",
    "pictures",
    "publish",
    "put_back",
    "restock",
    "resume",
    "slots",
    "sold_out",
    "stock",
    "take",
    "withdraw",
]
