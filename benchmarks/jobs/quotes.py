"""Quotes by the ten thousand: a firm's price list over many products, destinations and quantities.

The shipments are made up; tariffs and exchange rates are those of the starter world. There is no
open peer that costs a shipment by dated rules, so the bar stands alone. Seconds are of the
processor, in one process, with the tariffs read and the rules found for each group on the way.
"""

import time
from datetime import date
from decimal import Decimal
from itertools import product

from benchmarks import Row, measured
from offing.landed.batch import quotes
from offing.landed.shipment import Quote, Shipment
from offing.rules.regime_file import shipped
from offing.terms.money import Money
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder

WITH_TARIFF = ("DEU", "FRA", "POL", "GBR", "USA")
WITHOUT = ("JPN", "AUS", "IND", "BRA", "MEX")
DAYS = (date(2024, 6, 3), date(2026, 8, 3))
EACH = 50


def price_list() -> list[Shipment]:
    """Shipments of forty codes to ten destinations on two days, fifty quantities of each."""
    world = Warehouse(starter_folder(), is_starter=True)
    rows = world.table("duty_lines")
    mine = rows.filter((rows["importer"] == "USA") & (rows["regime"] == "mfn"))
    codes = sorted(code for code in mine["code"].to_list() if code[:4] in ("8516", "8528", "6203"))
    european = rows.filter(rows["importer"] == "EUR")["code"].to_list()
    shared = [code for code in codes if sum(other.startswith(code[:6]) for other in european) == 1]
    requests = []
    for number, (code, destination, day) in enumerate(
        product(shared[:20], WITH_TARIFF + WITHOUT, DAYS)
    ):
        national = code if destination == "USA" else code[:6]
        base = Shipment(
            product=national,
            destination=destination,
            on=day,
            quantity=Decimal(1),
            currency="USD",
            cost=Money(Decimal(60 + number % 40), "USD"),
            inland=Money(Decimal(300), "USD"),
            freight=Money(Decimal(1800), "USD"),
            insurance_rate=Decimal("0.003"),
            destination_costs=Money(Decimal(450), "EUR"),
            unit_kg=Decimal("12.5"),
            duties={} if destination in WITH_TARIFF else {"mfn": "10%"} | _more(destination),
        )
        requests += [
            Shipment(**{**vars(base), "quantity": Decimal(10 * step)})
            for step in range(1, EACH + 1)
        ]
    return requests


def _more(destination: str) -> dict[str, str]:
    return {"ipi": "15%"} if destination == "BRA" else {}


def ours() -> tuple[int, int, float]:
    """Shipments, quotes made, and processor seconds."""
    requests = price_list()
    book, world = shipped(), Warehouse(starter_folder(), is_starter=True)
    began = time.process_time()
    quoted = sum(isinstance(item, Quote) for item in quotes(requests, book, world))
    return len(requests), quoted, time.process_time() - began


def run() -> list[Row]:
    """Ten thousand a second is the bar."""
    mine = measured("benchmarks.jobs.quotes:ours", times=3)
    count, quoted, seconds = mine.result
    if quoted < count * 0.9:
        raise AssertionError(f"only {quoted} of {count} shipments could be quoted")
    return [
        Row(
            f"{quoted:,} quotes, {len(WITH_TARIFF + WITHOUT)} destinations (CPU)",
            seconds,
            peak_mb=mine.peak_mb,
            bar=quoted / 10_000,
        )
    ]
