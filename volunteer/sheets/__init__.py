"""Sign-in sheets of paper: printed with row codes, signed at the place, typed back in, checked by a second person.

A row that two people agree on becomes kept scans: evidence as good as one scan, which the organiser's roll confirms. A
time on paper never moves what a scan has recorded, and nobody types or checks his own row as the only hand.
"""

from volunteer.sheets import checks, marks, printing, rows
from volunteer.sheets.models import PaperRow, PaperSheet

__all__ = ["PaperRow", "PaperSheet", "checks", "marks", "printing", "rows"]
