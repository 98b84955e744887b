"""Random lives in two communities: the place, what must happen, and everything people do there."""
