"""The outlook's bars on panels that it was not built for, and on parts of those that it was.

``python -m benchmarks.outlook_bars [NAME=WAREHOUSE …] [--only TEXT] [--horizons 1,2,3,5]`` prints a
row for each panel and horizon: base years; entries said over those that came, new and returning;
precision over density's; shares inside 80 % intervals of flows and of sums; CRPS skill; mean log of
all sales expected over all that came, with two standard errors; lead over the three-year mean at
five and ten markets by dollar and equal. A panel is a table of the shared data folder, a warehouse,
or either made strange: fewer products, exporters, reporters or years. See decision 11.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from offing.forecast.backtest.run import Design, backtests
from offing.forecast.ranking import whole_trade
from offing.forecast.results import Backtest
from offing.market.history import History
from offing.terms.errors import MissingDataError
from offing.warehouse import Warehouse

SHARED = Path(
    os.environ.get("OFFING_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
)
HORIZONS = (1, 2, 3, 5)
RIVALS = ["outlook", "three_year_mean", "density", "persistence"]
FLOWS = ("year", "product", "importer", "exporter", "value_usd")


def manufacturing() -> pl.DataFrame:
    """69 countries, 1986 to 2006: one product, nearly all pairs trade."""
    rows = pl.read_parquet(SHARED / "gravity_panels" / "agtpa_applications.parquet")
    return rows.filter(pl.col("exporter") != pl.col("importer")).select(
        pl.col("year").cast(pl.Int32),
        "importer",
        "exporter",
        product=pl.lit("84"),
        value_usd=pl.col("trade") * 1e6,
    )


def coffee() -> pl.DataFrame:
    """Whole years of coffee through Santos, by state of origin and market."""
    rows = pl.read_csv(
        SHARED / "brazil_comexstat" / "coffee_port_santos_monthly.csv",
        schema_overrides={"CO_NCM": pl.String},
    )
    return rows.filter(pl.col("CO_ANO").is_between(2017, 2025)).select(
        year=pl.col("CO_ANO").cast(pl.Int32),
        product=pl.col("CO_NCM").str.slice(0, 6),
        importer="D" + pl.col("CO_PAIS").cast(pl.String),
        exporter="SG_UF_NCM",
        value_usd=pl.col("VL_FOB").cast(pl.Float64),
    )


def meat() -> pl.DataFrame:
    """One state's meat, 2019 to 2024, by market."""
    rows = pl.read_csv(
        SHARED / "brazil_comexstat" / "santa_catarina_meat_ncm_2019_2024.csv",
        schema_overrides={"ncm": pl.String},
    )
    return rows.select(
        pl.col("year").cast(pl.Int32),
        product=pl.col("ncm"),
        importer="country",
        exporter=pl.lit("SC"),
        value_usd=pl.col("fob_usd").cast(pl.Float64),
    )


def apparel() -> pl.DataFrame:
    """What 16 countries sold to the United States, 2005 to 2024."""
    rows = pl.read_csv(SHARED / "us_apparel_otexa" / "otexa_total_apparel.csv")
    return rows.filter(pl.col("Year") < 2025).select(
        year=pl.col("Year").cast(pl.Int32),
        product=pl.lit("61"),
        importer=pl.lit("USA"),
        exporter="Country",
        value_usd=pl.col("Value").cast(pl.Float64),
    )


def summed(rows: pl.DataFrame) -> History:
    """A history of rows that may repeat a flow."""
    return History.of(rows.group_by(FLOWS[:-1], maintain_order=True).agg(pl.col("value_usd").sum()))


OWN: dict[str, Callable[[], pl.DataFrame]] = {
    "manufacturing": manufacturing,
    "coffee": coffee,
    "meat": meat,
    "apparel": apparel,
}
ORES = ("2504", "2510", "2602", "2603", "2604", "2605", "2606", "7502", "8105", "2836", "2825")


def strange(name: str, history: History) -> dict[str, History]:
    """A panel with parts of it hidden."""
    rows = history.flows.collect()
    goods, places = sorted(history.rows), sorted(set(rows["importer"]))
    half = set(np.random.default_rng(1).permutation(places)[: len(places) // 2].tolist())
    third = goods[::3]
    large = (
        rows.group_by("exporter").agg(pl.len()).sort("len", "exporter", descending=True)["exporter"]
    )
    panels = {}
    if len(places) > 3:
        panels[f"{name}, half of importers"] = rows.filter(pl.col("importer").is_in(half))
    if len(goods) >= 6:
        panels[f"{name}, a third of products"] = rows.filter(pl.col("product").is_in(third))
        ores = [code for code in goods if code.startswith(ORES)]
        if len(ores) > 2:
            panels[f"{name}, ores and salts"] = rows.filter(pl.col("product").is_in(ores))
    if len(goods) >= 6 and len(large) >= 15:
        panels[f"{name}, one exporter"] = rows.filter(pl.col("exporter") == large[1])
        panels[f"{name}, ten exporters"] = rows.filter(
            pl.col("exporter").is_in(large[5:15].to_list())
        )
    if len(history.years) > 10:
        panels[f"{name}, seven years"] = rows.filter(pl.col("year") <= history.years[6])
        panels[f"{name}, last seven years"] = rows.filter(pl.col("year") >= history.years[-7])
    return {
        key: replace(History.of(flows, distances=history.distances), reporters=history.reporters)
        for key, flows in panels.items()
    }


def bars(backtest: Backtest) -> dict[str, float]:
    """What the bars look at."""
    scores = {
        (s.measure, s.weighting): s.value
        for s in backtest.scores
        if s.rival == "outlook" and s.part == "all"
    }
    levels = [
        np.log(s.value)
        for s in backtest.scores
        if (s.rival, s.measure) == ("outlook", "expected_ratio") and s.part.startswith("origin:")
    ]
    none = float("nan")
    count = len(levels)
    error = float(np.std(levels, ddof=1) / np.sqrt(count)) if count > 1 else none
    figures = {
        "years": float(count),
        "new": scores.get(("entry_sum_new", "equal"), none),
        "back": scores.get(("entry_sum_returning", "equal"), none),
        "ap/den": scores.get(("entry_over_density_new", "equal"), none),
        "in80": 100 * scores.get(("coverage80", "equal"), none),
        "sum80": 100 * scores.get(("coverage80_sums", "equal"), none),
        "skill": 100 * scores.get(("crps_skill", "equal"), none),
        "level": float(np.mean(levels)) if levels else none,
        "±2se": 2 * error,
    }
    for top in (5, 10):
        for weighting in ("dollar", "equal"):
            figures[f"{top}{weighting[0]}"] = 100 * scores.get(
                (f"lead_mean_top{top}", weighting), none
            )
    return figures


def main() -> None:
    """Print the bars of every panel."""
    parser = argparse.ArgumentParser()
    parser.add_argument("warehouses", nargs="*")
    parser.add_argument("--only", default="")
    parser.add_argument("--horizons", default="1,2,3,5")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--origins", action="store_true")
    options = parser.parse_args()
    panels: dict[str, History] = {}
    for argument in options.warehouses:
        name, _, folder = argument.partition("=")
        panels[name] = whole_trade(Warehouse.open(Path(folder)))[0]
    panels |= {name: summed(read()) for name, read in OWN.items()}
    if not options.plain:
        panels |= {
            key: cut for name, full in [*panels.items()] for key, cut in strange(name, full).items()
        }
    horizons = [int(h) for h in options.horizons.split(",")]
    header = None
    for name, history in panels.items():
        if options.only and options.only not in name:
            continue
        for tested in scored(history, horizons, name):
            row = bars(tested)
            if header is None:
                header = " ".join(f"{key:>6}" for key in row)
                print(f"{'panel':<32} h {header}", flush=True)
            values = " ".join(
                f"{value:6.2f}" if abs(value) < 10 else f"{value:6.1f}" for value in row.values()
            )
            print(f"{name:<32} {tested.horizon} {values}", flush=True)
            if options.origins:
                by_origin(tested)


def by_origin(backtest: Backtest) -> None:
    """Said over came and the level of each base year."""
    parts = sorted({s.part for s in backtest.scores if s.part.startswith("origin:")})
    for part in parts:
        figures = {
            s.measure: s.value
            for s in backtest.scores
            if s.part == part
            and s.rival == "outlook"
            and s.measure.startswith(("entry_sum", "expected", "coverage"))
        }
        print("      ", part, {k: round(v, 2) for k, v in figures.items()})


def scored(history: History, horizons: list[int], name: str) -> tuple[Backtest, ...]:
    """The record at those horizons that can be scored."""
    possible = [h for h in horizons if any(y + h in history.years for y in history.years)]
    try:
        return backtests(history, possible, dataset=name, design=Design(rivals=RIVALS, draws=20))
    except MissingDataError:
        return ()


if __name__ == "__main__":
    main()
