"""Our American rules against the duties that were paid: ``python -m benchmarks.us_effective_duty``.

Imports from China in 2024 by ten-digit line, with the duty that the Census calculated. Each line
is quoted by ``offing``'s own rulebook and tariff on one day of the year; our duties over the value
are then held against the duty paid over the value.

Goods may enter without the additional duty by an exclusion that is granted for some goods of a
line. The data have no flag for it, so it must be told from the amounts, and this can hide our own
mistakes. Therefore only what no wrong rate of ours could make counts as an exemption:

* less was paid than the column 1 rate alone. No list of ours can lower that one;
* what was paid lies *between* the column 1 rate and ours, and at no rate that the law knows: part
  of the value paid all of it and part did not. Not so where the code is on lists with two rates, or
  where a list holds it in part: that is a code that should be told apart, and is a miss.

A line on a list whose whole value paid the column 1 rate alone is a miss, though it may well have
been excluded: a wrong list of ours would look the same. So is a line that the rulebook refuses.
Lines whose duty is by quantity, of which the data have none, and the special provisions of chapters
98 and 99 cannot be compared.
"""

import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from offing.landed.batch import quotes
from offing.landed.costed import Quote
from offing.landed.shipment import QuoteRequest
from offing.rules.regime_file import shipped
from offing.terms.errors import OffingError
from offing.terms.money import Money
from offing.warehouse import Warehouse, load

ON = date(2024, 6, 28)
CHINA = "5700"
POINT = 0.01
ADDITIONAL = (0.075, 0.25)
"""The rates of the lists in 2024."""
VALUE = Decimal(1_000_000)

APART = ("special", "by_quantity")
SHOWN = ("below_column_1", "in_part")
CLASSES = {
    "within": "within one point",
    "below_column_1": "exemption: less than column 1",
    "in_part": "exemption: part of the value paid less",
    "refused": "miss: goods of the 2024 review, no rule before it",
    "split": "miss: on lists with two rates, or in part",
    "column_1_only": "miss: column 1 alone was paid",
    "other_list": "miss: another list's rate was paid",
    "above": "miss: more was paid",
    "no_line": "miss: not in our tariff (that of 2025)",
    "by_quantity": "not compared: duty by quantity",
    "special": "not compared: chapters 98 and 99",
}


@dataclass(frozen=True)
class Ours:
    """What the rulebook says of one code.

    Attributes:
        column_1: the most-favoured-nation share.
        duties: all duties over the value.
        error: message key where there is no quote.
    """

    column_1: float = 0.0
    duties: float = 0.0
    error: str | None = None


def _ours(quote: Quote | OffingError) -> Ours:
    if isinstance(quote, OffingError):
        return Ours(error=quote.key)
    paid = {line.name: line.amount for line in quote.lines if line.stage == "duty"}
    return Ours(float(paid["duty"] / VALUE), float(sum(paid.values(), Decimal(0)) / VALUE))


def by_code(codes: list[str], warehouse: Warehouse) -> dict[str, Ours]:
    """Code of eight digits → what the rulebook says: no list of that year is finer."""
    requests = (
        QuoteRequest(code, "USA", ON, Decimal(1), "USD", Money(VALUE, "USD")) for code in codes
    )
    return dict(zip(codes, map(_ours, quotes(requests, shipped(), warehouse)), strict=True))


def class_of(code: str, paid: float, ours: Ours, *, in_part: bool) -> str:
    """The class of a line.

    Args:
        code: of ten digits.
        paid: duty over value in the data.
        ours: of its code.
        in_part: on lists with two rates, or held by a list in part.

    >>> class_of("8528726440", 0.114, Ours(0.039, 0.114), in_part=False)
    'within'
    >>> class_of("4202923120", 0.29, Ours(0.176, 0.426), in_part=False)
    'in_part'
    """
    if code[:2] in ("98", "99"):
        return "special"
    if ours.error is not None:
        classes = {"landed.quantity_needed": "by_quantity", "landed.no_rule": "refused"}
        return classes.get(ours.error, "no_line")
    if abs(paid - ours.duties) <= POINT:
        return "within"
    if paid > ours.duties:
        return "above"
    if paid < ours.column_1 - POINT:
        return "below_column_1"
    if paid <= ours.column_1 + POINT:
        return "column_1_only"
    if in_part:
        return "split"
    if any(abs(paid - ours.column_1 - rate) <= POINT for rate in ADDITIONAL):
        return "other_list"
    return "in_part"


def compare(data: Path, folder: Path) -> pl.DataFrame:
    """One row for each ten-digit line: ``code``, ``value_usd``, ``paid``, ``ours``, ``class``.

    Args:
        data: the folder of shared data.
        folder: for the warehouse that is made of its tariff.
    """
    lists_file = data / "us_tariffs/section301_lists_yale.csv"
    load("tariff-us", [data / "us_tariffs/us_mfn_hts8.csv", lists_file], folder)
    lists = pl.read_csv(lists_file, infer_schema=False)
    imports = pl.read_parquet(
        data / "us_imports_hs10_2024/us_imports_hs10_by_country_2024.parquet"
    ).filter(pl.col("CTY_CODE") == CHINA, pl.col("imports") > 0)
    low = set(lists.filter(pl.col("list") == "4A")["hts8"])
    high = set(lists.filter(pl.col("list").is_in(["1", "2", "3"]))["hts8"])
    parted = (low & high) | set(lists.filter(pl.col("list") == "3_addl")["hts8"])
    by_hs8 = by_code(sorted(imports["HS8"].unique()), Warehouse(folder))
    rows = []
    for code, hs8, value, duty in imports.select("HS10", "HS8", "imports", "duty").iter_rows():
        ours = by_hs8[hs8]
        kind = class_of(code, duty / value, ours, in_part=hs8 in parted)
        rows.append((code, value, duty / value, ours.duties, kind))
    return pl.DataFrame(rows, schema=["code", "value_usd", "paid", "ours", "class"], orient="row")


def share_within(lines: pl.DataFrame, *, drop_exemptions: bool = True) -> float:
    """Share of the value, of the lines that can be compared, within one point.

    Args:
        lines: of :func:`compare`.
        drop_exemptions: leave out the lines that show an exemption.
    """
    apart = (*APART, *SHOWN) if drop_exemptions else APART
    compared = lines.filter(~pl.col("class").is_in(apart))
    within = compared.filter(pl.col("class") == "within")
    return float(within["value_usd"].sum()) / float(compared["value_usd"].sum())


def main(arguments: list[str]) -> int:
    """Print the table; the argument is the folder of shared data. Returns 1 under 90 %."""
    with tempfile.TemporaryDirectory() as folder:
        lines = compare(Path(arguments[0]), Path(folder))
    total = float(lines["value_usd"].sum())
    print(f"US imports from China in 2024, rules of {ON}: USD {total / 1e9:,.1f} billion\n")
    print(f"{'class':<52}{'lines':>7}{'USD bn':>9}{'share':>8}  largest")
    for name, words in CLASSES.items():
        some = lines.filter(pl.col("class") == name).sort("value_usd", descending=True)
        value = float(some["value_usd"].sum())
        largest = ", ".join(some["code"].head(3))
        print(f"{words:<52}{some.height:>7,}{value / 1e9:>9.2f}{value / total:>8.2%}  {largest}")
    figure = share_within(lines)
    print(f"\nwithin one point, where the data show no exemption: {figure:.1%}")
    print(f"the same of all lines compared: {share_within(lines, drop_exemptions=False):.1%}")
    return 0 if figure >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
