"""Whether the rewards on the shelf can take the points people hold: measured every night, looked at before more is promised.

A scheme spans a street and its communities honour each other's points, so the street's figure is the one that counts.
"""

from rewards.cover import figures, forecast, looks
from rewards.cover.figures import Cover, measure, standing
from rewards.cover.models import CoverDay

__all__ = ["Cover", "CoverDay", "figures", "forecast", "looks", "measure", "standing"]
