"""Our American rules against the duties that were paid: ``python -m benchmarks.us_effective_duty``.

Imports from China in 2024 by ten-digit line, with the duty that the Census calculated. Each line
is quoted by ``offing``'s own rulebook and tariff, at its ten digits, on a day of each part of the
year between two changes of the law; our duties over the value are then held against the duty paid
over the value. Where the rate did not change in the year that is one figure. Where it did, the
data are a sum over the year, so what was paid must lie between the lowest and the highest of ours;
these lines are counted apart.

Goods may enter without the additional duty by an exclusion that is granted by description for some
goods of a line. The data have no flag for it, and this can hide our own mistakes. Therefore a line
off by more than a point is told by what can be seen, in this order:

* what is not comparable: a duty by quantity, of which the data have none; lines without a rate of
  their own in the tariff of 2025, such as sets and watches, whose duty is that of their parts; the
  special provisions of chapters 98 and 99;
* less was paid than the column 1 rate alone: no list of ours can lower that one;
* less was paid than ours, and a U.S. note of the year has an exclusion by description that names
  the ten digits: the rulebook has these numbers (list ``us301_described``);
* what was paid lies *between* the column 1 rate and ours, at no rate that the law knows: part of
  the value paid all of it and part did not. No wrong rate of ours could make that;
* the rest are misses: column 1 alone was paid and no note tells why, the rate of another list was
  paid, or more was paid than ours (an exclusion of a whole number, which not all had claimed).

The whole value of a line stands in its class. How much of it bore no additional duty, were the rest
charged at our rate, is the column ``unpaid``.
"""

import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from offing.landed.batch import quotes
from offing.landed.shipment import Quote, Shipment
from offing.rules.regime_file import shipped
from offing.terms.errors import OffingError
from offing.terms.interval import holding
from offing.terms.money import Money
from offing.warehouse import Warehouse, load

DAYS = (date(2024, 3, 1), date(2024, 6, 28), date(2024, 12, 2))
"""A day of each part of 2024: exclusions ended on 15 June, the review began on 27 September."""
CHINA = "5700"
POINT = 0.01
ADDITIONAL = (0.075, 0.25)
"""The rates of the lists in 2024."""
VALUE = Decimal(1_000_000)
NOT_COMPARED = {
    "landed.quantity_needed": "by_quantity",
    "landed.no_line_for": "no_rate",
    "landed.duty_not_understood": "no_rate",
}
"""Why there is no duty over the value, by the key of the error."""

APART = ("special", "by_quantity", "no_rate")
SHOWN = ("below_column_1", "described", "in_part")
WITHIN = ("within", "within_change")
CLASSES = {
    "within": "within one point",
    "within_change": "within, the rate changed in the year",
    "below_column_1": "exemption: less than column 1",
    "described": "exclusion by description, named in a U.S. note",
    "in_part": "exemption: part of the value paid less",
    "refused": "miss: no rule",
    "column_1_only": "miss: column 1 alone was paid",
    "other_list": "miss: another list's rate was paid",
    "above": "miss: more was paid",
    "no_line": "miss: not in our tariff (that of 2025)",
    "by_quantity": "not compared: duty by quantity",
    "no_rate": "not compared: no rate of its own in the tariff of 2025",
    "special": "not compared: chapters 98 and 99",
}


@dataclass(frozen=True)
class Ours:
    """What the rulebook says of one code over the year.

    Attributes:
        column_1: the most-favoured-nation share.
        low, high: all duties over the value, on the days when they were least and most.
        error: message key where there is no quote, or the class of a duty that cannot be compared.
        described: whether a U.S. note of the year excludes some goods of the code by description.
    """

    column_1: float = 0.0
    low: float = 0.0
    high: float = 0.0
    error: str | None = None
    described: bool = False


def _ours(days: list[Quote | OffingError], *, described: bool) -> Ours:
    totals: list[float] = []
    column_1 = 0.0
    for quote in days:
        if isinstance(quote, OffingError):
            return Ours(error=quote.key)
        paid = {line.name: line for line in quote.lines if line.stage == "duty"}
        duty = paid["duty"]
        if duty.rule is None or duty.rule.share is None:
            return Ours(error="landed.quantity_needed")
        column_1 = float(duty.amount / VALUE)
        totals.append(float(sum((line.amount for line in paid.values()), Decimal(0)) / VALUE))
    return Ours(column_1, min(totals), max(totals), described=described)


def _described() -> frozenset[str]:
    """The ten-digit numbers that a note of the year excludes in part."""
    listed = [
        listed for listed in shipped().regime("USA").listed if listed.name == "us301_described"
    ]
    return frozenset(code for day in DAYS for one in holding(listed, day) for code in one.codes)


def by_code(codes: list[str], warehouse: Warehouse) -> dict[str, Ours]:
    """Code of ten digits → what the rulebook says over the year."""
    named = _described()
    requests = [
        Shipment(code, "USA", day, Decimal(1), "USD", Money(VALUE, "USD"))
        for code in codes
        for day in DAYS
    ]
    answers = iter(quotes(requests, shipped(), warehouse))
    return {code: _ours([next(answers) for _ in DAYS], described=code in named) for code in codes}


def class_of(code: str, paid: float, ours: Ours) -> str:
    """The class of a line.

    Args:
        code: of ten digits.
        paid: duty over value in the data.
        ours: of its code.

    >>> class_of("8528726440", 0.114, Ours(0.039, 0.114, 0.114))
    'within'
    >>> class_of("8703800060", 0.464, Ours(0.025, 0.275, 1.025))
    'within_change'
    >>> class_of("4202923120", 0.29, Ours(0.176, 0.426, 0.426))
    'in_part'
    """
    if code[:2] in ("98", "99"):
        return "special"
    if ours.error is not None:
        refused = "refused" if ours.error == "landed.no_rule" else "no_line"
        return NOT_COMPARED.get(ours.error, refused)
    if ours.low - POINT <= paid <= ours.high + POINT:
        return "within" if ours.high - ours.low <= POINT else "within_change"
    if paid > ours.high:
        return "above"
    if paid < ours.column_1 - POINT:
        return "below_column_1"
    if ours.described:
        return "described"
    if paid <= ours.column_1 + POINT:
        return "column_1_only"
    if any(abs(paid - ours.column_1 - rate) <= POINT for rate in ADDITIONAL):
        return "other_list"
    return "in_part"


def compare(data: Path, folder: Path) -> pl.DataFrame:
    """One row for each line: ``code``, ``value_usd``, ``paid``, ``low``, ``high``, ``class``.

    ``unpaid`` is the part of the value on which our additional duty was not paid.


    Args:
        data: the folder of shared data.
        folder: for the warehouse that is made of its tariff.
    """
    tariff = data / "us_tariffs"
    load("tariff-us", [tariff / "us_mfn_hts8.csv", tariff / "section301_lists_yale.csv"], folder)
    imports = pl.read_parquet(
        data / "us_imports_hs10_2024/us_imports_hs10_by_country_2024.parquet"
    ).filter(pl.col("CTY_CODE") == CHINA, pl.col("imports") > 0)
    ours = by_code(sorted(imports["HS10"].unique()), Warehouse(folder))
    rows = []
    for code, value, duty in imports.select("HS10", "imports", "duty").iter_rows():
        mine, paid = ours[code], duty / value
        more = mine.low - mine.column_1
        unpaid = value * min(max((mine.low - paid) / more, 0.0), 1.0) if more > POINT else 0.0
        kind = class_of(code, paid, mine)
        rows.append((code, value, paid, mine.low, mine.high, unpaid, kind))
    names = ["code", "value_usd", "paid", "low", "high", "unpaid", "class"]
    return pl.DataFrame(rows, schema=names, orient="row")


def share_within(lines: pl.DataFrame, *, drop_exemptions: bool = True) -> float:
    """Share of the value, of the lines that can be compared, within one point.

    Args:
        lines: of :func:`compare`.
        drop_exemptions: leave out the lines that show an exemption.
    """
    apart = (*APART, *SHOWN) if drop_exemptions else APART
    compared = lines.filter(~pl.col("class").is_in(apart))
    within = compared.filter(pl.col("class").is_in(WITHIN))
    return float(within["value_usd"].sum()) / float(compared["value_usd"].sum())


def share_missed(lines: pl.DataFrame) -> float:
    """Share of all the value that is off and shows no exemption."""
    missed = lines.filter(~pl.col("class").is_in((*APART, *SHOWN, *WITHIN)))
    return float(missed["value_usd"].sum()) / float(lines["value_usd"].sum())


def main(arguments: list[str]) -> int:
    """Print the table; the argument is the folder of shared data, else ``../shared/data``.

    Returns 1 under 95 %, and 2 where the folder has none of the data.
    """
    data = Path(arguments[0] if arguments else "../shared/data")
    if not (data / "us_imports_hs10_2024").is_dir() or not (data / "us_tariffs").is_dir():
        print(f"No data of the United States at {data}.\n  expected: a folder with us_tariffs and "
              "us_imports_hs10_2024\n  next: python -m benchmarks.us_effective_duty FOLDER",
              file=sys.stderr)  # fmt: skip
        return 2
    with tempfile.TemporaryDirectory() as folder:
        lines = compare(data, Path(folder))
    total = float(lines["value_usd"].sum())
    days = ", ".join(map(str, DAYS))
    print(f"US imports from China in 2024, rules of {days}: USD {total / 1e9:,.1f} billion\n")
    print(f"{'class':<52}{'lines':>7}{'USD bn':>9}{'share':>8}{'unpaid':>8}  largest")
    for name, words in CLASSES.items():
        some = lines.filter(pl.col("class") == name).sort("value_usd", descending=True)
        value = float(some["value_usd"].sum())
        unpaid = float(some["unpaid"].sum())
        largest = ", ".join(some["code"].head(3))
        figures = f"{some.height:>7,}{value / 1e9:>9.2f}{value / total:>8.2%}{unpaid / 1e9:>8.2f}"
        print(f"{words:<52}{figures}  {largest}")
    figure = share_within(lines)
    print(f"\nwithin one point, where the data show no exemption: {figure:.1%}")
    print(f"the same of all lines compared: {share_within(lines, drop_exemptions=False):.1%}")
    print(f"off, and no exemption shown, of all value: {share_missed(lines):.1%}")
    return 0 if figure >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
