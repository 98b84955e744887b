"""Patrols (行走): a service day that walks a route; every checkpoint is scanned, what is wrong is reported and answered.

A checkpoint's code only says "here", so it counts for whoever is checked in to a walk that passes there. From four
fifths of the checkpoints on the whole stay counts; below, as much of it as was walked, once somebody has looked.
"""

from volunteer.patrols import findings, plans, routes, visits
from volunteer.patrols.models import Finding, Patrol, Point, PointCode, Route, Stop, Visit

__all__ = [
    "Finding",
    "Patrol",
    "Point",
    "PointCode",
    "Route",
    "Stop",
    "Visit",
    "findings",
    "plans",
    "routes",
    "visits",
]
