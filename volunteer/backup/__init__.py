"""A copy of everything, sealed: made while people check in, proved by being restored."""
