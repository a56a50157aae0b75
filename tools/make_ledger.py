"""Make the example's ledger from real exporters: ``python -m tools.make_ledger ../shared/data``.

The firm is made up, but how its sales move is not: they are the monthly coffee exports through the
port of Santos by state of origin and destination (Comex Stat, Brazil's Ministry of Development,
Industry, Trade and Services), rescaled and renamed. A state becomes a model, its kilograms become
sets, and its price relative to that month's average of all states becomes the set's relative price.
So no generator of these sales knows the model that offing plans with: seasons, lumps, entries that
fail and prices that differ by market are as they happened, of other goods.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from offing.ladders.own_sales import sales_in_usd
from offing.sources.ecb import packaged_rates
from offing.terms.tables import Sales

SOURCE = Path("brazil_comexstat", "coffee_port_santos_monthly.csv")
TARGET = Path(__file__).resolve().parents[1] / "examples" / "tv-maker" / "ledger.csv"
FIRST, LAST = 2020, 2025
LATER = 10
"""Months by which the example lies after the exports: it ends with the rates that come along."""
GREEN_COFFEE = "090111"
CHEAPER = 0.965
"""The price of a set over that of the year before, in USD."""
LEAST, MOST = 0.75, 1.35
"""Relative prices beyond these are another good: they are taken as these."""
HEADINGS = (
    "invoice_no", "export_date", "buyer", "destination", "hs_code", "model", "brand", "quantity",
    "unit", "amount", "currency", "incoterm",
)  # fmt: skip


@dataclass(frozen=True)
class Model:
    """A state's new name, its price of ``FIRST`` in USD, and the sets it sells in ``LAST``."""

    key: str
    price: float
    units: int


MODELS = {
    "SP": Model("HC-55Q", 455.0, 30_000),
    "MG": Model("HC-65M", 690.0, 42_000),
    "ES": Model("HC-75M", 1_020.0, 15_000),
    "BA": Model("HC-85M", 1_740.0, 4_600),
    "PR": Model("HC-L120", 6_300.0, 420),
}

BUYERS = {
    # country of Comex Stat: buyer, market, currency, price term, price over FOB on that term
    "249": ("Sample Stores Inc.", "United States", "USD", "FOB Qingdao", 1.0),
    "23": ("Muster Elektronik GmbH", "Germany", "EUR", "CIF", 1.05),
    "386": ("Esempio Casa SpA", "Italy", "EUR", "CIF", 1.05),
    "399": ("Mihon Denki KK", "Japan", "JPY", "FOB Qingdao", 1.0),
    "573": ("Voorbeeld Retail BV", "Netherlands", "EUR", "CIF", 1.05),
    "190": ("Gyeonbon Electronics Co.", "South Korea", "USD", "FOB Qingdao", 1.0),
    "149": ("Model Electronics Canada Ltd", "Canada", "USD", "CIF", 1.05),
    "628": ("Exemplar Trading plc", "United Kingdom", "GBP", "CIF", 1.05),
    "275": ("Exemple Électro SA", "France", "EUR", "CIF", 1.05),
    "493": ("Ejemplo Hogar SA de CV", "Mexico", "USD", "FOB Qingdao", 1.0),
    "455": ("Contoh Elektrik Sdn Bhd", "Malaysia", "USD", "CIF", 1.03),
    "858": ("Vi Du Dien May JSC", "Vietnam", "CNY", "CIF", 1.03),
    "603": ("Przykład Dom Sp. z o.o.", "Poland", "EUR", "CIF", 1.05),
    "361": ("Udaharan Retail Pvt Ltd", "India", "USD", "CIF", 1.04),
    "776": ("Tuayang Home Co., Ltd.", "Thailand", "CNY", "CIF", 1.03),
    "351": ("Yangban Trading Ltd", "Hong Kong", "CNY", "FCA", 0.99),
    "244": ("Mithal Trading LLC", "United Arab Emirates", "USD", "CFR", 1.04),
    "791": ("Vzor Elektro s.r.o.", "Czechia", "EUR", "CIF", 1.05),
}

Key = tuple[int, int, str, str]
"""Year, month, state, country."""


def exports(file: Path) -> dict[Key, tuple[float, float]]:
    """Green coffee of the states and destinations above: kilograms and USD FOB, by month."""
    sums: dict[Key, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    with file.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            year, state, country = int(row["CO_ANO"]), row["SG_UF_NCM"], row["CO_PAIS"]
            if not FIRST <= year <= LAST or not row["CO_NCM"].startswith(GREEN_COFFEE):
                continue
            key = (year, int(row["CO_MES"]), state, country)
            if state in MODELS and country in BUYERS:
                kilograms, usd = sums[key]
                kilograms, usd = kilograms + float(row["KG_LIQUIDO"]), usd + float(row["VL_FOB"])
                sums[key] = kilograms, usd
    return {key: sums[key] for key in sorted(sums) if min(sums[key]) > 0}


def sets(traded: Mapping[Key, tuple[float, float]]) -> Iterator[tuple[Key, int, float]]:
    """What each flow becomes: sets, and the FOB price of one in USD."""
    weight: dict[str, float] = defaultdict(float)
    of_month: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (year, month, state, _), (kilograms, usd) in traded.items():
        weight[state] += kilograms if year == LAST else 0.0
        of_month[year, month][0] += kilograms
        of_month[year, month][1] += usd
    for key, (kilograms, usd) in traded.items():
        year, month, state, _ = key
        model = MODELS[state]
        units = round(kilograms * model.units / weight[state])
        every, all_usd = of_month[year, month]
        relative = min(max(usd / kilograms / (all_usd / every), LEAST), MOST)
        if units > 0:
            yield key, units, model.price * CHEAPER ** (year - FIRST) * relative


def _dated(year: int, month: int, day: int) -> date:
    """A day :data:`LATER` months after that of the month."""
    later, at = divmod(month - 1 + LATER, 12)
    return date(year + later, at + 1, day)


def ledger(traded: Mapping[Key, tuple[float, float]]) -> Iterator[tuple[str, ...]]:
    """The lines: prices in the invoice's currency, to its smallest unit."""
    orders = list(sets(traded))
    days = [
        _dated(key[0], key[1], 1 + 7 * number % 28) for number, (key, _, _) in enumerate(orders)
    ]
    currencies = [BUYERS[key[3]][2] for key, _, _ in orders]
    ones = pl.DataFrame(
        {"row": range(1, len(orders) + 1), "on": days, "currency": currencies},
        schema_overrides={"row": Sales.create_empty().schema["row"]},
    ).with_columns(amount=pl.lit(1.0), quantity=pl.lit(1.0))
    rates = sales_in_usd(ones, packaged_rates(), {}).sort("row")["usd"].to_list()
    lines = []
    for (key, units, price), day, rate in zip(orders, days, rates, strict=True):
        buyer, market, currency, term, over_fob = BUYERS[key[3]]
        places = 0 if currency == "JPY" else 2
        quote = round(price * over_fob / rate, places)
        lines.append((day, buyer, market, MODELS[key[2]].key, units, quote * units, currency, term))
    for number, line in enumerate(sorted(lines), start=1):
        day, buyer, market, model, units, amount, currency, term = line
        invoice, places = f"HC{day.year % 100}-{number:04d}", 0 if currency == "JPY" else 2
        yield (
            invoice, day.isoformat(), buyer, market, "852872", model, "own", str(units), "sets",
            f"{amount:.{places}f}", currency, term,
        )  # fmt: skip


def write(data: Path, target: Path) -> None:
    """Make the ledger of the shared data folder and write it as CSV."""
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADINGS)
        writer.writerows(ledger(exports(data / SOURCE)))


def main(arguments: Sequence[str]) -> None:
    """Write the example's ledger from the data folder named."""
    write(Path(arguments[0]), TARGET)


if __name__ == "__main__":
    main(sys.argv[1:])
