"""The sample street: invented people, shops and a year of service, for trying everything at once.

It is loaded into an empty database only and leaves a mark there, which lets a rehearsal of another day begin.
"""

from rewards.demo.loading import Loaded, NotEmpty, counts, empty, load, load_if_empty, loaded, sign_ins
from rewards.demo.rehearsal import refuse, rehearse

__all__ = [
    "Loaded",
    "NotEmpty",
    "counts",
    "empty",
    "load",
    "load_if_empty",
    "loaded",
    "refuse",
    "rehearse",
    "sign_ins",
]
