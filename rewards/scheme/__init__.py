"""The scheme itself (礼遇计划): what a street calls it, who answers for it, and one public page that says how it stands."""

from rewards.scheme.models import CourtesyScheme
from rewards.scheme.naming import NAME, Named, describe, of_street

__all__ = ["NAME", "CourtesyScheme", "Named", "describe", "of_street"]
