"""Agreements that China has with importers, by name and first day (优惠贸易协定).

The facts are in ``agreements.toml``. What an agreement saves is not among them: it is in the
importer's tariff, or typed by the user.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from offing.rules.dated import DatedRule
from offing.rules.remedies import ORIGIN
from offing.terms.errors import Where
from offing.terms.interval import Interval, holding
from offing.terms.messages import Language

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, kw_only=True)
class Agreement(DatedRule):
    """An agreement of China with importers for which it began on one day.

    Attributes:
        name: by language.
        importers: alpha-3.
    """

    name: Mapping[str, str]
    importers: tuple[str, ...]

    def named(self, lang: Language) -> str:
        """Its name with the first day."""
        return f"{self.name[lang]} ({self.when.since})"


@cache
def every_agreement() -> tuple[Agreement, ...]:
    """All rows of the file."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["agreement"]
    return tuple(
        Agreement(
            id=f"agreement.{row['name']['en']}",
            when=Interval(row.pop("since"), row.pop("until", None)),
            importers=tuple(row.pop("importers")),
            where=Where(FILE),
            **row,
        )
        for row in rows
    )


def agreements_of(importer: str, origin: str, on: date) -> tuple[Agreement, ...]:
    """The agreements under which an importer may take less duty on goods of an origin.

    >>> [agreement.named("en") for agreement in agreements_of("CHL", "CHN", date(2024, 3, 1))]
    ['the China–Chile Free Trade Agreement (2006-10-01)']
    >>> agreements_of("KOR", "VNM", date(2024, 3, 1))
    ()
    """
    if origin != ORIGIN:
        return ()
    return tuple(row for row in holding(every_agreement(), on) if importer in row.importers)
