"""A world as the files that a firm has: trade by year, a ledger, a study."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from offing.terms.countries import countries_by_number
from tools.planted_firms.world import CURRENCY, FREIGHT, MARKETS, MONTHS, WAITS, YEARS, Firm, Floats

ON = date(2024, 12, 31)
CODE = "852872"
RIVALS = ("KOR", "MEX", "POL", "THA", "TUR", "VNM")
"""Exporters beside China; none sells to itself."""
ECB = Path(__file__).resolve().parents[2] / "src/offing/warehouse/starter/fx_rates/ecb.parquet"


def real_rates() -> tuple[dict[str, Floats], Floats]:
    """Currency → USD for one of it by month until the plan's day, and CNY for one USD likewise.

    Returns:
        Means of the ECB's reference rates of each month, of the same length for all.
    """
    wanted = {*CURRENCY.values(), "USD", "CNY"} - {"EUR"}
    table = (
        pl.read_parquet(ECB)
        .filter((pl.col("on") <= ON) & (pl.col("on") >= date(2008, 1, 1)))
        .filter(pl.col("currency").is_in(sorted(wanted)))
        .group_by(pl.col("on").dt.truncate("1mo"), "currency")
        .agg(pl.col("per_eur").cast(pl.Float64).mean())
        .pivot("currency", index="on", values="per_eur")
        .sort("on")
        .drop_nulls()
    )
    dollar = table["USD"].to_numpy()
    rates = {c: dollar / table[c].to_numpy() for c in wanted - {"USD", "CNY"}} | {"EUR": dollar}
    return rates, table["CNY"].to_numpy() / dollar


def write(firm: Firm, folder: Path, seed: int, sigma: float | None = None) -> Path:
    """Write trade, ledger and study into a folder.

    Args:
        firm: the truth.
        folder: of the files.
        seed: of what the trade files round and how exporters share a market.
        sigma: the elasticity that the study states, where it states one.

    Returns:
        The study file.
    """
    _trade(firm, folder, np.random.default_rng(seed))
    _ledger(firm, folder / "ledger.csv")
    study = folder / "study.toml"
    study.write_text(_study(firm, sigma), encoding="utf-8")
    return study


def _trade(firm: Firm, folder: Path, rng: np.random.Generator) -> None:
    number = {code: at for at, code in countries_by_number().items()} | {"DEU": 276}
    home = rng.dirichlet([6.0, 2.0, 2.0, 1.5, 1.5, 1.5, 1.5], len(MARKETS))
    walk = np.zeros_like(home)
    for at, year in enumerate((*YEARS, ON.year)):
        walk += rng.normal(0, 0.08, home.shape)
        shares = home * np.exp(walk)
        shares /= shares.sum(1, keepdims=True)
        rows = []
        for market, code in enumerate(MARKETS):
            for exporter, part in zip(("CHN", *RIVALS), shares[market], strict=True):
                if exporter == code:
                    continue
                units = firm.size[market, at] * part
                fob = firm.rival[market, at] / (1 + firm.duty[market]) - FREIGHT
                value = units * fob * np.exp(rng.normal(0, 0.03)) / 1000
                rows.append((year, number[exporter], number[code], CODE, f"{value:.3f}",
                             f"{units * 0.022:.3f}"))  # fmt: skip
        file = folder / "trade" / f"BACI_HS12_Y{year}_V202601.csv"
        file.parent.mkdir(exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([("t", "i", "j", "k", "v", "q"), *rows])


def _ledger(firm: Firm, file: Path) -> None:
    first = MONTHS - firm.ledger_months
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("invoice", "export_date", "destination", "hs_code", "model", "quantity",
                         "unit", "amount", "currency", "incoterm"))  # fmt: skip
        for month in range(first, MONTHS):
            year, at = divmod(month - MONTHS + 12 * (ON.year + 1), 12)
            for market in np.flatnonzero(firm.sold):
                units = firm.units[market, month]
                if units:
                    amount = units * firm.price[market, month]
                    writer.writerow((f"I{month:03d}{market:02d}", date(year, at + 1, 15),
                                     MARKETS[market], CODE, "TV", int(units), "sets",
                                     f"{amount:.2f}", "USD", "FOB"))  # fmt: skip


def _study(firm: Firm, sigma: float | None) -> str:
    prices = firm.price_now
    own = "\n".join(
        f"{MARKETS[at]} = {prices[at]:.2f}" for at in range(len(MARKETS)) if not firm.sold[at]
    )
    duties = "\n".join(f"{m} = {d:.2f}" for m, d in zip(MARKETS, firm.duty, strict=True))
    usual = float(np.mean(prices[firm.sold]))
    return f"""schema = 2
on = {ON}
seed = 1
title = "A planted firm"
[firm]
name = "Planted"
origin = "CHN"
city = "Qingdao"
made_up = true
export_fob_cny = 30_000_000
input_tax_cny = 4_000_000
domestic_output_tax_cny = 1_000_000
[[model]]
key = "TV"
name = "TV"
code = "{CODE}"
ledger = ["TV"]
{"" if sigma is None else f"elasticity = {sigma:.3f}"}
cost_cny = {firm.cost:.2f}
input_vat_cny = {firm.cost * 0.11:.2f}
refund_rate = 0.13
price_usd = {usual:.2f}
kg = 22.0
m3 = 0.2
[model.market_prices_usd]
{own}
[[plant]]
key = "home"
country = "CHN"
[[plant.line]]
key = "main"
hours = {max(10.0 * firm.units[:, -12:].sum(), 1000):.0f}
[ledger]
file = "ledger.csv"
keep_prices = true
[markets]
consider = [{", ".join(f'"{m}"' for m in MARKETS)}]
horizon = 3
[duty]
{duties}
[entering]
certification_cny = {firm.enter_cny * (1 - WAITS):.0f}
listing_cny = {firm.enter_cny * WAITS:.0f}
promotion_cny = 0
visits_cny = 0
first_stock_cny = 0
[keeping]
certification_cny = 0
listing_cny = 0
promotion_cny = {firm.keep_cny:.0f}
visits_cny = 0
first_stock_cny = 0
[shipping]
shipment_units = 300
inland_usd_per_m3 = 0
export_clearance_usd = 0
freight_usd_per_m3_fixed = {FREIGHT / 0.2:.2f}
freight_usd_per_m3_1000km = 0
insurance_rate = 0
[rates]
discount = 0.08
interest = 0
[limits]
largest_market_share = 1.0
least_margin_rate = 0.0
"""
