"""Which rules are past their look: ``python -m tools.overdue [YYYY-MM-DD]`` (make overdue).

A look at a rule's document is trusted for the days of ``src/offing/rules/ages.toml``, by country
and kind; a rule that nobody looked at since it was written goes by the day of the rules' version.
Importers are ordered by the Chinese exports that they touch in the latest year of the starter
world, which is of electrical goods alone: a sign of where to begin. The exit code is 1 where any
is due.
"""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl

from offing.refunds.rules import dated_rates
from offing.rules.regime_file import shipped
from offing.rules.register import keeper, past_horizon
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import Rulebook
from offing.warehouse.store import Warehouse, starter_folder
from offing.warehouse.trade import flows_below

REFUND = "chn_refund.toml"


@dataclass(frozen=True)
class Looked:
    """A rule file, its rules, and what rests on it.

    Attributes:
        uses: its rules.
        usd: Chinese exports to its destinations.
    """

    file: str
    uses: tuple[RuleUse, ...]
    usd: float

    def due(self, on: date) -> int:
        """How many of its rules are past their look on a day."""
        return sum(past_horizon(use, on) for use in self.uses)

    @property
    def looked_at(self) -> int:
        """How many of its rules have a day on which their document was looked at."""
        return sum(use.still_valid_on is not None for use in self.uses)


def exports(origin: str = "CHN") -> dict[str, float]:
    """An origin's exports by destination in the latest year of the starter world, USD."""
    warehouse = Warehouse.open(starter_folder())
    (dataset,) = warehouse.trade_sets()
    year = max(warehouse.years("flows", dataset))
    flows = flows_below(
        warehouse, dataset, year=year, columns=("importer", "exporter", "value_usd")
    )
    mine = flows.filter(pl.col("exporter") == origin).group_by("importer").agg(pl.sum("value_usd"))
    return dict(mine.select("importer", "value_usd").iter_rows())


def files(book: Rulebook, trade: Mapping[str, float]) -> list[Looked]:
    """Every rule file, that with the most trade first; the refund's touches all of it."""
    refund = tuple(rate.use() for rate in dated_rates())
    rows = [Looked(REFUND, refund, sum(trade.values()))]
    for regime in book.regimes.values():
        rates = [rate.use() for rate in book.rates if rate.where == regime.where]
        uses = (*(charge.use() for charge in regime.charges), *rates)
        usd = sum(trade.get(market, 0.0) for market in regime.destinations)
        rows.append(Looked(str(regime.where.file), uses, usd))
    return sorted(rows, key=lambda file: (-file.usd, file.file))


def shares(looked_files: Iterable[Looked], on: date) -> tuple[float, float]:
    """The shares of the trade that have import rules, and rules of which none is past its look."""
    ruled = fresh = whole = 0.0
    for file in looked_files:
        if file.file == REFUND:
            whole = file.usd
            continue
        ruled += file.usd
        fresh += 0.0 if file.due(on) else file.usd
    return (ruled / whole, fresh / whole) if whole else (0.0, 0.0)


def main(words: list[str]) -> int:
    """Print what is due on a day, today where none is named."""
    on = date.fromisoformat(words[0]) if words else datetime.now(UTC).date()
    rows = files(shipped(), exports())
    late = [file for file in rows if file.due(on)]
    for file in late:
        print(
            f"{file.file:16} {file.due(on):4} of {len(file.uses):4} past their look, "
            f"{file.looked_at:4} looked at {file.usd / 1e9:8,.1f} bn USD  {keeper(file.uses[0].id)}"
        )
    ruled, fresh = shares(rows, on)
    print(
        f"{len(late)} of {len(rows)} rule files have rules past their look on {on}. Of the trade, "
        f"{ruled:.0%} has import rules, {fresh:.0%} none past its look."
    )
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
