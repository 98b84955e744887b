"""A person's in-app inbox: one sentence for one person, with a link to what it is about.

Sent under a key, so telling the same thing twice shows once; kept as text and facts, so it is read in the reader's
language.
"""

from volunteer.notices.inbox import lay_out, mark_all, mark_read, send, send_many, shown, unread
from volunteer.notices.models import Notice

__all__ = ["Notice", "lay_out", "mark_all", "mark_read", "send", "send_many", "shown", "unread"]
