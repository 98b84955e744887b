"""The first page: what comes next for this person, what they have gathered, and one thing to do.

It stands on top of every feature of `volunteer` and none stands on it; choosing language and 长辈版 is here too.
"""
