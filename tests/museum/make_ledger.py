"""Write the made-up ledger of the television maker: ``python tests/museum/make_ledger.py``.

Nobody's sales are in it. It is drawn with a fixed seed, and the quantities of 2023 and 2024 are
then set so that sales of sets at or above USD 500 grow 22 % and 59 %. Every buyer's name means
"example" or "sample" in some language.
"""

import csv
import random
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from offing.ladders.own_sales import in_usd
from offing.sources.ecb import packaged_rates
from offing.terms.tables import Sales

SEED = 20241231
GROWTH = {"2023": 1.22, "2024": 1.59}
"""Sales at or above USD 500 a set in a year, over those of the year before."""

BUYERS = [
    # name, market, currency, price term, oem share, orders a year (2022, 2023, 2024), size
    ("Sample Stores Inc.", "United States", "USD", "FOB Qingdao", 0.75, (18, 16, 14), 3400),
    ("Specimen Home Direct LLC", "United States", "USD", "DDP", 0.00, (6, 8, 12), 900),
    ("Ejemplo Hogar SA de CV", "Mexico", "USD", "FOB Qingdao", 0.60, (12, 13, 14), 1900),
    ("Model Electronics Canada Ltd", "Canada", "USD", "CIF", 0.35, (8, 8, 9), 1000),
    ("Muster Elektronik GmbH", "Germany", "EUR", "CIF", 0.25, (13, 14, 18), 1500),
    ("Exemple Électro SA", "France", "EUR", "CIF", 0.30, (11, 12, 15), 1300),
    ("Esempio Casa SpA", "Italy", "EUR", "CIF", 0.45, (9, 9, 11), 1000),
    ("Voorbeeld Retail BV", "Netherlands", "EUR", "DAP", 0.15, (7, 8, 11), 800),
    ("Przykład Dom Sp. z o.o.", "Poland", "EUR", "CIF", 0.65, (9, 10, 11), 1300),
    ("Vzor Elektro s.r.o.", "Czechia", "EUR", "CIF", 0.70, (5, 5, 6), 800),
    ("Minta Elektro Kft.", "Hungary", "EUR", "CIF", 0.70, (4, 5, 5), 700),
    ("Exemplar Trading plc", "United Kingdom", "GBP", "CIF", 0.30, (11, 12, 15), 1300),
    ("Mihon Denki KK", "Japan", "JPY", "FOB Qingdao", 0.10, (9, 10, 13), 900),
    ("Gyeonbon Electronics Co.", "South Korea", "USD", "FOB Qingdao", 0.40, (5, 5, 6), 500),
    ("Yangban Trading Ltd", "Hong Kong", "CNY", "FCA", 0.35, (6, 7, 8), 700),
    ("Mithal Trading LLC", "United Arab Emirates", "USD", "CFR", 0.20, (8, 9, 13), 1000),
    ("Contoh Elektrik Sdn Bhd", "Malaysia", "USD", "CIF", 0.35, (6, 7, 9), 800),
    ("Tuayang Home Co., Ltd.", "Thailand", "CNY", "CIF", 0.35, (6, 7, 9), 800),
    ("Vi Du Dien May JSC", "Vietnam", "CNY", "CIF", 0.50, (7, 8, 10), 900),
    ("Udaharan Retail Pvt Ltd", "India", "USD", "CIF", 0.70, (6, 6, 7), 900),
]

MODELS = {
    # model: (USD a set in 2022, share of a buyer's orders of that kind by year)
    "oem": {
        "OE-32H": (96.0, (0.30, 0.28, 0.26)),
        "OE-43F": (162.0, (0.32, 0.32, 0.31)),
        "OE-50U": (214.0, (0.22, 0.23, 0.24)),
        "OE-55U": (276.0, (0.16, 0.17, 0.19)),
    },
    "own": {
        "HC-55Q": (438.0, (0.38, 0.32, 0.24)),
        "HC-65M": (668.0, (0.34, 0.34, 0.34)),
        "HC-75M": (985.0, (0.18, 0.20, 0.23)),
        "HC-85M": (1690.0, (0.08, 0.10, 0.13)),
        "HC-L120": (6150.0, (0.02, 0.04, 0.06)),
    },
}
CHEAPER = (1.0, 0.965, 0.935)
"""The price of the same set in each year, in USD."""

MONTHS = (6, 5, 7, 7, 7, 8, 9, 10, 12, 12, 10, 7)
"""Orders by month: shops fill up before the end of the year."""

HEADINGS = (
    "invoice_no",
    "export_date",
    "buyer",
    "destination",
    "hs_code",
    "model",
    "brand",
    "quantity",
    "unit",
    "amount",
    "currency",
    "incoterm",
)

Line = dict[str, str | int | float]


class Draw:
    """Draws from ``random()`` alone, whose numbers are the same in every version of Python."""

    def __init__(self, seed: int) -> None:
        self._next = random.Random(seed).random

    def one_of(self, options: list[str], weights: list[float]) -> str:
        """One option, by weight."""
        mark = self._next() * sum(weights)
        for option, weight in zip(options, weights, strict=True):
            mark -= weight
            if mark < 0:
                return option
        return options[-1]

    def between(self, low: float, high: float) -> float:
        """A number from ``low`` to ``high``."""
        return low + (high - low) * self._next()


def draw() -> list[Line]:
    """The lines, before the quantities are set to the growth; prices are in USD."""
    dice = Draw(SEED)
    lines: list[Line] = []
    for place, year in enumerate((2022, 2023, 2024)):
        for name, market, currency, term, oem, orders, size in BUYERS:
            for _ in range(orders[place]):
                month = int(dice.one_of([str(m) for m in range(1, 13)], [float(m) for m in MONTHS]))
                day = date(year, month, 1) + timedelta(days=int(dice.between(0, 28)))
                kind = dice.one_of(["oem", "own"], [oem, 1 - oem])
                models = MODELS[kind]
                model = dice.one_of(list(models), [shares[place] for _, shares in models.values()])
                price, _ = models[model]
                price *= CHEAPER[place] * dice.between(0.96, 1.05)
                units = size * dice.between(0.5, 1.5) * (270 / price) ** 0.75
                units *= 1.25 if kind == "oem" else 1.0
                lines.append(
                    {
                        "export_date": day.isoformat(),
                        "buyer": name,
                        "destination": market,
                        "hs_code": "852872",
                        "model": model,
                        "brand": kind,
                        "quantity": max(10, 10 * round(units / 10)),
                        "unit": "sets",
                        "price": price,
                        "currency": currency,
                        "incoterm": term,
                    }
                )
    return sorted(lines, key=lambda line: (line["export_date"], line["buyer"], line["model"]))


def invoiced(lines: list[Line], fx: pl.DataFrame) -> list[Line]:
    """Prices in the invoice's currency, to its smallest unit as a price list has it."""
    one = frame([line | {"amount": 1.0, "quantity": 1} for line in lines])
    factors = in_usd(one, fx, {})["usd"].to_list()
    made = []
    for line, factor in zip(lines, factors, strict=True):
        places = 0 if line["currency"] == "JPY" else 2
        made.append(line | {"price": round(float(line["price"]) / factor, places), "usd": factor})
    return made


def frame(lines: list[Line]) -> pl.DataFrame:
    """The lines in the columns that rates are applied to."""
    return pl.DataFrame(
        {
            "row": list(range(1, len(lines) + 1)),
            "on": [date.fromisoformat(str(line["export_date"])) for line in lines],
            "currency": [line["currency"] for line in lines],
            "amount": [float(line["amount"]) for line in lines],
            "quantity": [float(line["quantity"]) for line in lines],
        },
        schema_overrides={"row": Sales.create_empty().schema["row"]},
    )


def usd(line: Line) -> float:
    """The value of a line."""
    return float(line["quantity"]) * float(line["price"]) * float(line["usd"])


def is_high(line: Line, year: str) -> bool:
    """Whether the line is of the year and a set of it cost USD 500 or more."""
    of_year = str(line["export_date"]).startswith(year)
    return of_year and float(line["price"]) * float(line["usd"]) >= 500


def grown(lines: list[Line]) -> list[Line]:
    """The same, with the quantities of sets at or above USD 500 as the growth wants them."""
    made = lines
    for year, growth in GROWTH.items():
        before = str(int(year) - 1)
        then, now = (sum(usd(it) for it in made if is_high(it, of)) for of in (before, year))
        factor = growth * then / now
        made = [
            it | {"quantity": round(float(it["quantity"]) * factor)} if is_high(it, year) else it
            for it in made
        ]
    return made


def with_credits(lines: list[Line]) -> list[Line]:
    """Invoice numbers, amounts, and a credit note for a few sets that came back."""
    made: list[Line] = []
    for number, line in enumerate(lines, start=1):
        year = str(line["export_date"])[:4]
        invoice = f"HC{year[2:]}-{number:04d}"
        made.append(line | {"invoice_no": invoice})
        if number % 61 == 0 and line["brand"] == "oem":
            back = date.fromisoformat(str(line["export_date"])) + timedelta(days=21)
            if back.year == int(year):
                returned = -max(1, round(float(line["quantity"]) * 0.01))
                made.append(
                    line
                    | {
                        "invoice_no": f"{invoice}C",
                        "export_date": back.isoformat(),
                        "quantity": returned,
                    }
                )
    for line in made:
        places = 0 if line["currency"] == "JPY" else 2
        line["amount"] = f"{float(line['quantity']) * float(line['price']):.{places}f}"
    return sorted(made, key=lambda line: (line["export_date"], line["invoice_no"]))


def write(target: Path) -> None:
    """Draw the ledger and write it as CSV."""
    lines = with_credits(grown(invoiced(draw(), packaged_rates())))
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADINGS)
        writer.writerows([line[name] for name in HEADINGS] for line in lines)


if __name__ == "__main__":
    write(Path(__file__).parent / "studies" / "tv-maker" / "ledger.csv")
