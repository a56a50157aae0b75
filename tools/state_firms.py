"""Brazilian states planned as firms on files cut at a base year: does what the plan says come?

States' coffee through Santos and Santa Catarina's meat (Comex Stat) are real sales of many years.
Each state is told to offing as a firm would be: trade, ledger and study, cut at the end of a base
year. What it then sold is known; its costs are planted. ``python -m tools.state_firms``.
"""

import argparse
import csv
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from offing.planning.track_record import EarlierPlan, level_of
from offing.terms.countries import countries_by_number
from offing.terms.files import shipped_rows

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("OFFING_SHARED_DATA", ROOT.parent / "shared" / "data"))
ECB = ROOT / "src/offing/warehouse/starter/fx_rates/ecb.parquet"
HORIZON, DISCOUNT = 2, 0.08
COST, GRADE = 0.85, 0.5
"""Planted: a kilogram costs so much of the state's mean price of the year, and of what a market
pays above or below that mean this part is grade, which costs as much more or less."""
KEEP_CNY, ENTER_CNY = 110_000, 500_000
FEWEST_MARKETS, LEAST_USD = 5, 5e6
"""Of a year's sales, below which a state is no firm to plan for."""


@dataclass(frozen=True)
class Goods:
    """Exports of states: ``year``, ``month``, ``state``, ``market``, ``code``, ``usd``, ``kg``.

    ``years`` are the base years that are planned in.
    """

    name: str
    rows: pl.DataFrame
    years: range


def coffee() -> Goods:
    """Green and roasted coffee through Santos, by month."""
    names = {int(row["code"]): row["country"] for row in _countries()}
    path = SHARED / "brazil_comexstat" / "coffee_port_santos_monthly.csv"
    rows = pl.read_csv(path, schema_overrides={"CO_NCM": pl.String}).select(
        year="CO_ANO", month="CO_MES", state="SG_UF_NCM",
        market=pl.col("CO_PAIS").replace_strict(names, default=None, return_dtype=pl.String),
        code=pl.col("CO_NCM").str.slice(0, 6), usd="VL_FOB", kg="KG_LIQUIDO",
    )  # fmt: skip
    return Goods(
        "coffee", _whole(rows.filter(pl.col("year") < 2026), ("090111",)), range(2018, 2024)
    )


def meat_by_year() -> pl.DataFrame:
    """Santa Catarina's meat: ``year``, ``importer``, ``product`` of six digits, ``usd``, ``kg``."""
    named = pl.read_csv(Path(__file__).with_name("comexstat_names.csv"), comment_prefix="#")
    names = dict(named.select("name", "country").iter_rows())
    path = SHARED / "brazil_comexstat" / "santa_catarina_meat_ncm_2019_2024.csv"
    return pl.read_csv(path, schema_overrides={"ncm": pl.String}).select(
        "year",
        importer=pl.col("country").replace_strict(names, default=None, return_dtype=pl.String),
        product=pl.col("ncm").str.slice(0, 6), usd="fob_usd", kg="net_kg",
    ).drop_nulls("importer")  # fmt: skip


def meat() -> Goods:
    """Santa Catarina's meat, by year: a twelfth is invoiced each month."""
    months = pl.DataFrame({"month": range(1, 13)}, schema={"month": pl.Int64})
    rows = meat_by_year().join(months, how="cross").select(
        "year", "month", state=pl.lit("SC"), market="importer", code="product",
        usd=pl.col("usd") / 12, kg=pl.col("kg") / 12,
    )  # fmt: skip
    return Goods("meat", _whole(rows, ("020329", "020712", "020714")), range(2020, 2023))


def _countries() -> Iterable[dict[str, str]]:
    return shipped_rows("offing.sources", "data/comexstat_countries.csv")


def _whole(rows: pl.DataFrame, codes: tuple[str, ...]) -> pl.DataFrame:
    known = rows.filter(pl.col("code").is_in(codes) & (pl.col("kg") > 0) & (pl.col("usd") > 0))
    known = known.filter(pl.col("market").is_in(list(countries_by_number().values())))
    keys = ["year", "month", "state", "market", "code"]
    return known.group_by(keys).agg(pl.col("usd", "kg").cast(pl.Float64).sum()).sort(keys)


def yuan(on: date) -> float:
    """CNY for one USD on a day by the ECB."""
    last = pl.read_parquet(ECB).filter(
        (pl.col("on") <= on) & pl.col("currency").is_in(["USD", "CNY"])
    )
    per_eur = last.sort("on").group_by("currency").agg(pl.col("per_eur").cast(pl.Float64).last())
    rate = dict(per_eur.iter_rows())
    return float(rate["CNY"] / rate["USD"])


def firms(goods: Goods) -> Iterator[tuple[str, int]]:
    """States with enough sales in a base year, and the year."""
    for year in goods.years:
        now = goods.rows.filter(pl.col("year") == year)
        sums = now.group_by("state").agg(pl.col("usd").sum(), n=pl.col("market").n_unique())
        large = sums.filter((pl.col("usd") >= LEAST_USD) & (pl.col("n") >= FEWEST_MARKETS))
        yield from ((state, year) for state in sorted(large["state"]) if state != "ND")


def write(goods: Goods, state: str, year: int, folder: Path) -> Path:
    """Trade, ledger and study as they were at the end of the year; the study file."""
    past = goods.rows.filter(pl.col("year") <= year)
    mine = past.filter(pl.col("state") == state)
    number = {code: at for at, code in countries_by_number().items()}
    (folder / "trade").mkdir()
    for (of,), rows in past.group_by("year"):
        sums = rows.group_by("market", "code").agg(pl.col("usd", "kg").sum()).sort("market", "code")
        with (folder / "trade" / f"BACI_HS12_Y{of}_V202601.csv").open("w", newline="") as out:
            lines = [
                (of, number["BRA"], number[market], code, f"{usd / 1e3:.3f}", f"{kg / 1e3:.3f}")
                for market, code, usd, kg in sums.iter_rows()
            ]
            csv.writer(out).writerows([("t", "i", "j", "k", "v", "q"), *lines])
    ledger = mine.with_row_index("invoice").select(
        pl.format("I{}", "invoice").alias("invoice"),
        pl.date("year", "month", 15).alias("export_date"),
        pl.col("market").alias("destination"), pl.col("code").alias("hs_code"),
        pl.col("code").alias("model"), pl.col("kg").round(3).alias("quantity"),
        pl.lit("kg").alias("unit"), pl.col("usd").round(2).alias("amount"),
        pl.lit("USD").alias("currency"), pl.lit("FOB").alias("incoterm"),
    )  # fmt: skip
    ledger.write_csv(folder / "ledger.csv")
    file = folder / "study.toml"
    file.write_text(_study(mine.filter(pl.col("year") == year), past, year), encoding="utf-8")
    return file


def _study(now: pl.DataFrame, past: pl.DataFrame, year: int) -> str:
    on = date(year, 12, 31)
    markets = sorted(past.filter(pl.col("year") == year)["market"].unique())
    rate, models = yuan(on), []
    for code, usd, kg in (
        now.group_by("code").agg(pl.col("usd", "kg").sum()).sort("code").iter_rows()
    ):
        models.append(f"""[[model]]
key = "{code}"
name = "{code}"
code = "{code}"
ledger = ["{code}"]
unit = "kg"
cost_cny = {COST * usd / kg * rate:.4f}
input_vat_cny = 0
refund_rate = 0
levy_rate = 0
price_usd = {usd / kg:.4f}
kg = 1
m3 = 0.002
""")
    return f"""schema = 2
on = {on}
seed = 1
title = "A state"
[firm]
name = "State"
origin = "BRA"
city = "Santos"
export_fob_cny = 30_000_000
input_tax_cny = 0
domestic_output_tax_cny = 0
{"".join(models)}
[[plant]]
key = "home"
country = "BRA"
[[plant.line]]
key = "main"
hours = {10 * now["kg"].sum():.0f}
[ledger]
file = "ledger.csv"
keep_prices = true
[markets]
consider = {json.dumps(markets)}
horizon = {HORIZON}
[duty]
{"".join(f"{market} = 0{chr(10)}" for market in markets)}
[entering]
certification_cny = {ENTER_CNY}
listing_cny = 0
promotion_cny = 0
visits_cny = 0
first_stock_cny = 0
[keeping]
certification_cny = 0
listing_cny = 0
promotion_cny = {KEEP_CNY}
visits_cny = 0
first_stock_cny = 0
[shipping]
shipment_units = 20000
inland_usd_per_m3 = 0
export_clearance_usd = 0
freight_usd_per_m3_fixed = 0
freight_usd_per_m3_1000km = 0
insurance_rate = 0
[rates]
discount = {DISCOUNT}
interest = 0
[limits]
largest_market_share = 1.0
least_margin_rate = 0.0
"""


def came_of(goods: Goods, state: str, year: int) -> dict[tuple[str, str], tuple[float, float]]:
    """(Code, market) → what staying earned over the horizon, CNY discounted, and sales in its last
    year, USD: sold in fact, at the prices that came and the planted costs.
    """
    sold = goods.rows.filter((pl.col("state") == state) & (pl.col("year") > year))
    keys = ["year", "code", "market"]
    sums = sold.group_by(keys).agg(pl.col("usd", "kg").sum()).with_columns(
        mean=pl.col("usd").sum().over("year", "code") / pl.col("kg").sum().over("year", "code")
    )  # fmt: skip
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for of, code, market, usd, kg, mean in sums.iter_rows():
        if (ahead := of - year) > HORIZON:
            continue
        cost = COST * mean * (usd / kg / mean) ** GRADE
        earned = (usd - kg * cost) * yuan(date(of, 12, 31)) * (1 + DISCOUNT) ** (0.5 - ahead)
        before = found.get((code, market), (0.0, 0.0))
        found[code, market] = before[0] + earned, usd if ahead == HORIZON else before[1]
    return found


def trial(goods: Goods, state: str, year: int) -> dict[str, Any]:
    """One plan and what came of it."""
    os.environ["OFFING_CACHE"] = ""
    import offing

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        study = write(goods, state, year, folder)
        offing.load("baci", folder / "trade", warehouse=folder / "w")
        planned = offing.plan(study, warehouse=folder / "w").planned
    came, decided = came_of(goods, state, year), planned.decided
    kept = KEEP_CNY * sum((1 + DISCOUNT) ** (-0.5 - at) for at in range(HORIZON))
    left = [
        {"code": move.product, "market": move.market, "made": move in decided.moves,
         "chance": move.chance, "promised": move.gain_cny,
         "came": kept - came.get((move.product, move.market), (0.0, 0.0))[0]}
        for move in (*decided.moves, *decided.not_yet)
        if move.kind == "leave"
    ]  # fmt: skip
    stay = [
        (row.low_usd, row.sales_usd, row.high_usd, came.get((row.product, row.market), (0, 0.0))[1])
        for row in planned.plan.rows
        if row.move == "keep" and row.low_usd is not None and row.high_usd is not None
    ]
    sold = [row for row in planned.plan.rows if row.sales_now_usd > 0]
    return {
        "goods": goods.name, "state": state, "year": year,
        "still": sum(row.still_usd or 0.0 for row in sold),
        "still_came": sum(came.get((r.product, r.market), (0.0, 0.0))[1] for r in sold),
        "others": [move.kind for move in decided.moves if move.kind != "leave"],
        "leave": left, "rows": stay,
    }  # fmt: skip


def level(plans: list[dict[str, Any]]) -> dict[str, Any]:
    """How far sales without moves came from what was expected, as it was and times the level that
    the state's earlier plans gave, whose outcomes were known by then: mean of absolute logs.
    """
    errors = []
    for plan in plans:
        past = [
            EarlierPlan(p["year"], HORIZON, (), p["still"], p["still_came"], observed=True)
            for p in plans
            if p["state"] == plan["state"] and p["year"] + HORIZON <= plan["year"]
        ]
        if (found := level_of(past)) is not None:
            error = np.log(plan["still_came"] / plan["still"])
            errors.append((abs(error), abs(error - np.log(found.factor))))
    mean = [round(float(one), 3) for one in np.mean(errors, axis=0)] if errors else [None, None]
    return {"plans": len(errors), "as_expected": mean[0], "times_level": mean[1]}


def summary(plans: list[dict[str, Any]]) -> dict[str, Any]:
    """What all plans say together; intervals by drawing states and goods again."""
    rng = np.random.default_rng(1)
    firm_of = [(plan["goods"], plan["state"]) for plan in plans]
    names = sorted(set(firm_of))
    drawn = rng.integers(0, len(names), (2000, len(names)))
    made = [[move for move in plan["leave"] if move["made"]] for plan in plans]
    by_firm = np.array([
        [sum(m[what] or 0.0 for p, f in zip(made, firm_of, strict=True) if f == name for m in p)
         for what in ("promised", "came")]
        for name in names
    ])  # fmt: skip
    gained = by_firm[drawn, 1].sum(axis=1)

    def inside(some: list[dict[str, Any]]) -> dict[str, float]:
        rows = [row for plan in some for row in plan["rows"]]
        held = [low <= came <= high for low, _, high, came in rows if came > 0]
        return {"rows": len(held), "inside": round(float(np.mean(held)), 3),
                "ended": round(float(np.mean([row[3] <= 0 for row in rows])), 3),
                "kept": round(sum(r[3] for r in rows) / sum(r[1] for r in rows), 3)}  # fmt: skip

    two = [p for p in plans if p["state"] in ("SP", "MG")]
    moves = [move for plan in plans for move in plan["leave"] if move["chance"] is not None]
    chances = {
        name: {
            "moves": len(some),
            "stated": round(float(np.mean([m["chance"] for m in some])), 3),
            "came": round(float(np.mean([m["came"] > 0 for m in some])), 3),
        }
        for name, some in (("made", [m for m in moves if m["made"]]), ("weighed", moves))
        if some
    }
    return {
        "plans": len(plans),
        "firms": len(names),
        "leave_promised_cny": round(float(by_firm[:, 0].sum())),
        "leave_came_cny": round(float(by_firm[:, 1].sum())),
        "interval": [round(float(q)) for q in np.quantile(gained, (0.025, 0.975))],
        "leave": chances,
        "level": level(plans),
        "others": sum(len(plan["others"]) for plan in plans),
        "inside": inside([plan for plan in plans if plan not in two]),
        **({"inside_sp_mg": inside(two)} if two else {}),
    }


def main() -> int:
    """Plan every state in every base year and print what came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", help="coffee or meat")
    parser.add_argument("--most", type=int, default=999, help="so many plans of each goods")
    asked = parser.parse_args()
    plans = []
    for goods in (coffee(), meat()):
        if asked.only in (None, goods.name):
            for state, year in [*firms(goods)][: asked.most]:
                plans.append(trial(goods, state, year))
                print(goods.name, state, year, len(plans[-1]["leave"]), file=sys.stderr, flush=True)
    if asked.out:
        asked.out.write_text(json.dumps(plans) + "\n", encoding="utf-8")
    for goods in dict.fromkeys(plan["goods"] for plan in plans):
        some = [plan for plan in plans if plan["goods"] == goods]
        print(json.dumps({goods: summary(some)}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
