"""Known decisions, replayed with the data and the law of their day: would the outlook have told?

Each asks whether a dollar of sales was better moved from where it was made to another place. The
draws are those of the plan: the outlook of the flows up to the day, a firm's share that moves about
its country's, and duties as the rulebook has them for the day. Told is what beats staying in two
scenarios of three, the threshold of a plan. What came is what the flows did.

*Observed* are flows of whole countries. *Imputed* is that a firm's part of them moves alike.
*Unknowable* is what moving would have cost: the table says how much it might.

    python -m tools.known_decisions DATA --out docs/record/known-decisions.json

``DATA`` is a folder with ``us_apparel_otexa`` and ``comtrade_ev_chain``.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.forecast.outlook.draws import draw
from offing.forecast.outlook.forecast import outlooks_ahead
from offing.market.history import History
from offing.planning.inaction import THRESHOLD
from offing.planning.scenarios import SCENARIOS, Assumed, MarketDraws, RateDraws, scenarios
from offing.rules.regime_file import shipped
from offing.sources.elasticities import substitution_of

Floats = NDArray[np.float64]

SEED = 20261126
APPAREL = "6110"
"""Heading whose elasticity stands for all apparel: jerseys, the largest of the chapters."""
APPAREL_DUTY = 0.165
"""General rate of 6110.20.20, cotton jerseys (HTS of the United States, 2018)."""
LAG = 2
"""Months until a month's imports are published."""
COUNTRIES = {
    "Bangladesh": "BGD",
    "Burma (Myanmar)": "MMR",
    "Cambodia": "KHM",
    "China": "CHN",
    "Egypt": "EGY",
    "El Salvador": "SLV",
    "Honduras": "HND",
    "India": "IND",
    "Indonesia": "IDN",
    "Jordan": "JOR",
    "Mexico": "MEX",
    "Nicaragua": "NIC",
    "Pakistan": "PAK",
    "Sri Lanka": "LKA",
    "Turkey": "TUR",
    "Vietnam": "VNM",
}
LARGEST = 8
"""Markets of the Union that are looked at: those that bought most from China on the day."""
TINY = 1e-9
NO_TELEVISIONS = (
    "televisions from Mexico instead of China before 2019: no loaded data have American imports of "
    "8528 by origin before 2019"
)


@dataclass(frozen=True)
class Asked:
    """A decision that was there to be made.

    Attributes:
        key: of the record.
        day: what is known then.
        years: after the last one known, until it is judged.
        goods: HS code, or ``apparel``.
        extra: id in the rulebook of a duty on goods of China that the day's law has or announces.
        towards: places to move to; empty: the Union's eight largest markets on the day.
    """

    key: str
    day: date
    years: int
    goods: str
    extra: str = ""
    towards: tuple[str, ...] = ()

    @property
    def months(self) -> bool:
        """Whether its trade is loaded by months: apparel."""
        return self.goods == "apparel"

    @property
    def base(self) -> int:
        """The last year that is known on the day; a whole year comes out in the next spring."""
        return self.day.year if self.months else self.day.year - 1


ASIA = ("VNM", "BGD", "IDN", "IND", "KHM", "MEX")
DECISIONS = (
    Asked("apparel-2012", date(2012, 12, 31), 2, "apparel", towards=ASIA),
    Asked("apparel-2018", date(2018, 12, 31), 2, "apparel", towards=ASIA),
    Asked("apparel-2019", date(2019, 9, 30), 2, "apparel", "usa.301.list4a", ASIA),
    Asked("batteries-2023", date(2023, 6, 30), 2, "850760"),
    Asked("cars-2023", date(2023, 6, 30), 2, "870380"),
    Asked("cars-2024", date(2024, 6, 30), 1, "870380"),
)


@dataclass(frozen=True)
class Way:
    """One place to move to.

    Attributes:
        place: alpha-3.
        chance: that its sales outgrow those of staying, over the years together.
        may_cost: part of the moved sales' margin that moving may cost and still beat staying in
            two scenarios of three; below 0: staying is the better.
        came: the same part, of what came.
    """

    place: str
    chance: float
    may_cost: float
    came: float

    @property
    def told(self) -> bool:
        """Whether a plan would have called it."""
        return self.chance >= THRESHOLD


def apparel(folder: Path, month: int) -> pl.DataFrame:
    """American imports by origin in windows of twelve months that end with a month."""
    path = folder / "us_apparel_otexa" / "otexa_total_apparel.csv"
    rows = pl.read_csv(path, infer_schema_length=None)
    ends = pl.col("Year") + (pl.col("Month") > month).cast(pl.Int64)
    windows = rows.group_by(ends.alias("year"), pl.col("Country").alias("exporter")).agg(
        pl.col("Value").sum().cast(pl.Float64).alias("value_usd"), pl.len().alias("months")
    )
    return windows.filter(pl.col("months") == 12).select(
        "year",
        pl.lit("apparel").alias("product"),
        pl.lit("USA").alias("importer"),
        pl.col("exporter").replace_strict(COUNTRIES),
        "value_usd",
    )


def chain(folder: Path) -> pl.DataFrame:
    """Imports of batteries, cars and what they are made of, by partner."""
    rows = pl.read_parquet(folder / "comtrade_ev_chain" / "imports_by_partner_2018_2024.parquet")
    return rows.filter(pl.col("partnerISO").str.contains("^[A-Z]{3}$")).select(
        pl.col("year").cast(pl.Int64),
        pl.col("cmdCode").alias("product"),
        pl.col("reporterISO").alias("importer"),
        pl.col("partnerISO").alias("exporter"),
        pl.col("primaryValue").alias("value_usd"),
    )


def replayed(decision: Asked, folder: Path) -> tuple[Way, ...]:
    """Each way out of a decision, as told then and as it came."""
    monthly, base = decision.months, decision.base
    flows = apparel(folder, decision.day.month - LAG) if monthly else chain(folder)
    past = History.of(flows.filter(pl.col("year") <= base))
    fitted = outlooks_ahead(past, base, range(1, decision.years + 1))
    sales = _sales(flows, decision)
    union = shipped().regime("DEU").destinations
    stay = ["CHN"] if monthly else [place for place in sales if place not in union]
    others = sorted(set(sales) - set(stay), key=lambda place: -sales[place][0])
    towards = decision.towards or others[:LARGEST]
    places = [*stay, *towards]
    flow = [(place, "USA") if monthly else ("CHN", place) for place in places]
    draws = [draw(fitted, decision.goods, i, [j], n=SCENARIOS, seed=SEED) for i, j in flow]
    drawn = MarketDraws(
        tuple(places),
        draws[0].years,
        np.concatenate([market.base_usd for market in draws]),
        np.concatenate([market.sales_usd for market in draws], axis=2),
        product=decision.goods,
    )
    grown = _grown(drawn) * _left_by_duty(decision, places)
    weight = np.array([sales[place][0] if place in stay else 0.0 for place in places])
    came = np.array([sum(sales[place][1:]) / sales[place][0] for place in places])
    still, stayed = grown @ weight / weight.sum(), came @ weight / weight.sum()
    ways = []
    for place in towards:
        at = places.index(place)
        beats = 1 - still / np.maximum(grown[:, at], TINY)
        ways.append(
            Way(
                place,
                round(float((beats > 0).mean()), 3),
                round(float(np.quantile(beats, 1 - THRESHOLD)), 3),
                round(float(1 - stayed / max(came[at], TINY)), 3),
            )
        )
    return tuple(ways)


def _sales(flows: pl.DataFrame, decision: Asked) -> dict[str, list[float]]:
    """Place → sales in the base year and in each year until the decision is judged, USD.

    Only places that report all of them: nobody knows what the others bought.
    """
    goods = flows.filter(pl.col("product") == decision.goods)
    if decision.months:
        mine = goods.with_columns(pl.col("exporter").alias("place"))
    else:
        abroad = (pl.col("exporter") == "CHN") & (pl.col("importer") != "CHN")
        mine = goods.filter(abroad).with_columns(place="importer")
    sums = mine.group_by("place", "year").agg(pl.col("value_usd").sum()).sort("place", "year")
    table: dict[str, dict[int, float]] = {}
    for place, year, usd in sums.iter_rows():
        table.setdefault(place, {})[year] = usd
    years = range(decision.base, decision.base + decision.years + 1)
    told = {place: [by.get(year, 0.0) for year in years] for place, by in table.items()}
    return {place: values for place, values in told.items() if min(values) > 0}


def _grown(drawn: MarketDraws) -> Floats:
    """Sales of all years over those of the base year, of a firm in each place: n × places."""
    n, years, _ = drawn.sales_usd.shape
    unit = np.array([1.0])
    worlds = scenarios(drawn, RateDraws(("USD",), unit, np.ones((n, years, 1))), Assumed({}), SEED)
    return np.asarray((worlds.growth * worlds.share).sum(axis=1))


def _left_by_duty(decision: Asked, places: Sequence[str]) -> Floats:
    """What the day's new duty on goods of China leaves of sales: n × places."""
    remaining = np.ones((SCENARIOS, len(places)))
    if decision.extra:
        rate = float(shipped().rate(decision.extra, decision.day).share)
        sigma = substitution_of(APPAREL).draws(SCENARIOS, SEED)
        remaining[:, places.index("CHN")] = (1 + rate / (1 + APPAREL_DUTY)) ** -sigma
    return remaining


def record(folder: Path) -> dict[str, object]:
    """All decisions, and those that cannot be replayed."""
    decisions = {}
    for decision in DECISIONS:
        ways = replayed(decision, folder)
        decisions[decision.key] = {
            "day": decision.day.isoformat(),
            "years": decision.years,
            "ways": {
                way.place: {
                    "chance": way.chance,
                    "may_cost": way.may_cost,
                    "came": way.came,
                    "told": way.told,
                    "paid": way.came > 0,
                }
                for way in ways
            },
        }
    return {"seed": SEED, "decisions": decisions, "missing": [NO_TELEVISIONS]}


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay the decisions and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    text = json.dumps(record(options.data), indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
