"""Cautions of an answer as tests look at them."""

from collections.abc import Iterable
from typing import Any

from offing.terms.caution import Caution


def keyed(cautions: Iterable[Caution]) -> list[tuple[str, dict[str, Any]]]:
    """The key of each with its values."""
    return [(caution.key, dict(caution.values)) for caution in cautions]
