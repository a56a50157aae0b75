"""What a market requires of goods beside duty and tax (准入要求): conformity, labels, registers.

The facts are in the ``*.toml`` here, one file for each kind of goods. A row says how it is known.
Where nobody thought of a market for some goods, the answer is "not checked", never "nothing".
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from offing.rules.rule_use import Status, record_of_row
from offing.terms.interval import Interval
from offing.terms.limits import parse_toml

FOLDER = Path(__file__).parent
EVERYWHERE = "*"

Holder = Literal["maker", "importer", "representative"]
"""Who must hold the certificate or registration."""


@dataclass(frozen=True)
class Requirement:
    """One scheme of a market.

    Attributes:
        id: ``eur.energy_label.tv``.
        market: the importer, alpha-3 or ``EUR``; ``*`` for all.
        products: first digits of the HS codes that it is for.
        scheme, needs: its name and what it needs, by language.
        weeks: until it is met, least and most; illustrative.
        usd: what it costs once for a model, least and most; illustrative.
        holder: who must hold it.
        gate: whether goods may not be sold without it; else buyers ask for it.
        when: while it holds; a side is open where the day is not known.
        document: the act.
        source: where its text was read; empty for a row from memory.
        status: how the row is known.
        says: what the document says of it, in our own words, at most 25 of them.
        still_valid_on: the last day on which the document was looked at; ``None`` where it was not.
    """

    id: str
    market: str
    products: tuple[str, ...]
    scheme: dict[str, str]
    needs: dict[str, str]
    weeks: tuple[int, int]
    usd: tuple[int, int]
    holder: Holder
    gate: bool
    when: Interval
    document: str
    source: str
    status: Status
    says: str = ""
    still_valid_on: date | None = None

    def about(self, code: str) -> bool:
        """Whether goods of a code may be of these."""
        return any(code.startswith(own) or own.startswith(code) for own in self.products)


@dataclass(frozen=True)
class Requirements:
    """What is known to be required of goods in a market on a day.

    Attributes:
        known: the schemes; none known does not mean that there is none.
        checked: whether somebody thought the market through for these goods.
        on: the day.
    """

    known: tuple[Requirement, ...]
    checked: bool
    on: date

    @property
    def gates(self) -> tuple[Requirement, ...]:
        """Those without which the goods may not be sold."""
        return tuple(requirement for requirement in self.known if requirement.gate)

    @property
    def lead_weeks(self) -> int | None:
        """Weeks until all gates are met, side by side; ``None`` where nobody checked the market."""
        return max((gate.weeks[1] for gate in self.gates), default=0) if self.checked else None

    @property
    def ready_on(self) -> date | None:
        """The first day of sale for who begins on the day; ``None`` where nobody can say."""
        weeks = self.lead_weeks
        return None if weeks is None else self.on + timedelta(weeks=weeks)


@cache
def _files() -> tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[Requirement, ...]], ...]:
    """Of each file: its codes, the markets that were checked, its rows."""
    files = []
    for path in sorted(FOLDER.glob("*.toml")):
        data = parse_toml(path.read_text(encoding="utf-8"))
        codes = tuple(data["products"])
        rows = tuple(
            record_of_row(
                Requirement,
                {"source": "", **row},
                products=tuple(row.get("products", codes)),
                weeks=tuple(row["weeks"]),
                usd=tuple(row["usd"]),
            )
            for row in data["requirement"]
        )
        files.append((codes, tuple(data["checked"]), rows))
    return tuple(files)


def every_requirement() -> tuple[Requirement, ...]:
    """All rows of all files."""
    return tuple(row for _, _, rows in _files() for row in rows)


def requirements_of(product: str, market: str, on: date) -> Requirements:
    """What a market is known to require of goods on a day.

    Args:
        product: HS or national code, digits alone; empty for all goods of the files.
        market: the importer as a regime names it: alpha-3, or ``EUR`` for a member of the Union.
        on: the day on which the goods are to be sold.

    >>> label = requirements_of("852872", "EUR", date(2026, 11, 26))
    >>> label.checked, "energy_label" in label.known[0].id
    (True, True)
    >>> requirements_of("0901", "EUR", date(2026, 11, 26)).checked
    False
    """
    required = tuple(
        row
        for _, _, rows in _files()
        for row in rows
        if row.about(product) and row.market in (market, EVERYWHERE) and row.when.holds(on)
    )
    checked = any(
        market in markets and any(product.startswith(code) for code in codes)
        for codes, markets, _ in _files()
    )
    return Requirements(required, checked, on)
