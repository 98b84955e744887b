"""Family who act for somebody (家人代办): a couple with one phone, a grandson who signs up his grandmother.

A helper signs up, takes leave and shows the pass for the person; points, particulars and the wall stay the person's own.
Both agree, or staff who saw both register it; either side ends it at any time.
"""

from volunteer.households import helping, proxies, queries
from volunteer.households.models import Proxy

__all__ = ["Proxy", "helping", "proxies", "queries"]
