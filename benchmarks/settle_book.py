"""A book of hundreds of deals: how long ``offing settle --book`` takes.

``python -m benchmarks.settle_book [DEALS]`` asks for the default 200, of one currency and of
several, each with no other currency, with two and with four that the buyer takes.
"""

import random
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks import Row
from benchmarks.__main__ import table
from offing.api.settle import settle

CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CNY")
LONGEST_S = 5.0


def book(count: int, currencies: tuple[str, ...], accepted: int, folder: Path) -> Path:
    """Deals of all sizes, three in ten of them payables."""
    drawn = random.Random(count + accepted)
    rows = ["name,amount,currency,days,accepts"]
    for number in range(count):
        code = drawn.choice(currencies)
        others = ";".join([other for other in CURRENCIES if other != code][:accepted])
        amount = drawn.randint(20, 900) * 1000 * (-1 if drawn.random() < 0.3 else 1)
        rows.append(f"{number},{amount},{code},{drawn.choice((30, 60, 90))},{others}")
    path = folder / "book.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(count: int = 200) -> list[Row]:
    """Each kind of book once, after a first one that loads what all need."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder, day = Path(name), date(2026, 10, 30)
        settle(book=book(2, ("USD",), 0, folder), on=day)
        for currencies in (("USD",), CURRENCIES[:4]):
            for accepted in (0, 2, 4):
                path = book(count, currencies, accepted, folder)
                began = time.perf_counter()
                settle(book=path, on=day)
                what = f"{count} deals, {len(currencies)} currencies, {accepted} accepted"
                rows.append(Row(what, time.perf_counter() - began, bar=LONGEST_S))
    return rows


if __name__ == "__main__":
    sys.exit(table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 200)))
