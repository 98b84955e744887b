"""A person's in-app inbox: one sentence for one person, with a link to what it is about.

Sent under a key, so telling the same thing twice shows once; kept as text and facts, so it is read in the reader's
language. Told with its kind, it also goes out by text message or mail to whoever wants that.
"""

from volunteer.notices.inbox import lay_out, mark_all, mark_read, send, send_many, shown, unread
from volunteer.notices.kinds import kind
from volunteer.notices.models import Notice
from volunteer.notices.outbox import tell

__all__ = [
    "Notice",
    "kind",
    "lay_out",
    "mark_all",
    "mark_read",
    "send",
    "send_many",
    "shown",
    "tell",
    "unread",
]
