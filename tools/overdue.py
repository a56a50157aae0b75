"""Which rule files are past their review: ``python -m tools.overdue [YYYY-MM-DD]`` (make overdue).

A file is trusted for a year after its review, or for the ``horizon_days`` that it names. Files are
ordered by the Chinese exports that they touch in the latest year of the starter world, which is
of electrical goods alone: a sign of where to begin. The exit code is 1 where a file is due.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from offing.refunds.rules import dated_rates, reviewed
from offing.rules.regime_file import shipped
from offing.rules.rule_use import Status
from offing.rules.rulebook import HORIZON_DAYS, Rulebook
from offing.warehouse.store import Warehouse, starter_folder
from offing.warehouse.trade import flows_below

REFUND = "chn_refund.toml"


@dataclass(frozen=True)
class Reviewed:
    """A rule file, when it was reviewed, and what rests on it.

    Attributes:
        due: the last day for which it is trusted; ``None`` where it was never reviewed.
        known: how many of its rules there are of each status.
        usd: Chinese exports to its destinations.
    """

    file: str
    reviewed: date | None
    due: date | None
    known: Counter[Status]
    usd: float

    def overdue(self, on: date) -> bool:
        """Whether it is past its review on a day."""
        return self.due is None or on > self.due


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


def files(book: Rulebook, trade: Mapping[str, float]) -> list[Reviewed]:
    """Every rule file, that with the most trade first; the refund's touches all of it."""
    statuses = Counter(rate.status for rate in dated_rates())
    due = reviewed() + timedelta(days=HORIZON_DAYS)
    rows = [Reviewed(REFUND, reviewed(), due, statuses, sum(trade.values()))]
    for regime in book.regimes.values():
        rules = [*regime.charges, *(rate for rate in book.rates if rate.where == regime.where)]
        day = regime.reviewed
        rows.append(
            Reviewed(
                str(regime.where.file),
                day,
                None if day is None else day + timedelta(days=regime.horizon_days),
                Counter(rule.status for rule in rules),
                sum(trade.get(market, 0.0) for market in regime.destinations),
            )
        )
    return sorted(rows, key=lambda file: (-file.usd, file.file))


def shares(reviewed_files: Iterable[Reviewed], on: date) -> tuple[float, float]:
    """The shares of the trade that have import rules, and rules within their review."""
    ruled = fresh = whole = 0.0
    for file in reviewed_files:
        if file.file == REFUND:
            whole = file.usd
            continue
        ruled += file.usd
        fresh += 0.0 if file.overdue(on) else file.usd
    return (ruled / whole, fresh / whole) if whole else (0.0, 0.0)


def main(words: list[str]) -> int:
    """Print what is due on a day, today where none is named."""
    on = date.fromisoformat(words[0]) if words else datetime.now(UTC).date()
    rows = files(shipped(), exports())
    due = [file for file in rows if file.overdue(on)]
    for file in due:
        print(
            f"{file.file:16} reviewed {file.reviewed or 'never'!s:10} due {file.due or 'now'!s:10} "
            f"official {file.known['official']:3}, in all {file.known.total():3} rules "
            f"{file.usd / 1e9:8,.1f} bn USD"
        )
    ruled, fresh = shares(rows, on)
    print(
        f"{len(due)} of {len(rows)} rule files are past their review on {on}. Of the trade, "
        f"{ruled:.0%} has import rules, {fresh:.0%} rules within their review."
    )
    return 1 if due else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
