"""A user's changes come one after the other, and no page reads a file while it is replaced.

Two tabs of one browser else read a table that the other has just replaced, or take in two files
under one passing name.
"""

from threading import RLock

LOCKS = 64
"""So many users are told apart; two who share a lock wait for each other."""


class Turns:
    """The locks of users."""

    def __init__(self) -> None:
        self._locks = tuple(RLock() for _ in range(LOCKS))

    def of(self, user: str) -> RLock:
        """The lock of a user, to be held ``with`` it."""
        return self._locks[hash(user) % LOCKS]
