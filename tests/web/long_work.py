"""Pieces of long work for the tests of jobs: a process of its own imports them."""

import time

from offing.terms.background import tell


def quick(value: int) -> int:
    tell("half", 0.5)
    tell("less", 0.2)
    return value


def endless() -> None:
    tell("waiting", 0.1)
    time.sleep(600)
