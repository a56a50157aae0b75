"""What goods usually cost: ``python -m tools.usual_prices ../shared/data``.

Writes ``src/offing/terms/data/usual_prices.csv`` from customs data of many sources, and with
``--measure`` prints, by rows held back from the derivation, how often the check of whole files
(:mod:`offing.terms.usual_figures`) sees a planted unit, and how often it warns in vain.

A flow is what one exporter sells to one importer in one year; those below 10,000 USD, samples and
parcels, and quantities that the office has estimated are left out. Each code's row has its 1 %,
50 % and 99 % quantile. Of few flows they are drawn towards the spread that headings usually have.
"""

import argparse
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from offing.terms.usual_figures import Level, UsualPrices, shipped

Look = Callable[[Sequence[Level]], bool]

FILE = Path("src/offing/terms/data/usual_prices.csv")
LEAST_USD = 10_000
LOW, HIGH = 0.01, 0.99
DRAWN = 200
"""Flows that weigh as much as the usual spread of headings does."""
FLOWS = {6: 50, 4: 30, 2: 30}
"""Flows from which on a code of so many digits has a row."""
FEW, ALIKE = 5, 10.0
"""A heading of fewer flows has one too, where its 10 and 90 % are no further apart."""
OF_A_CODE = {4: 200, 2: 20}
"""Flows that one finer code counts for at most: the sources have some codes ten thousand times."""
HEADINGS, CHAPTER_ALIKE = 10, 1000.0
"""A chapter has a row where so many of its headings are known, and all its goods are that alike."""
WELL_KNOWN = 100
KEY = ["source", "code", "unit", "importer", "exporter", "span"]

HEAD = """\
# What a kilogram and a piece of goods cost in trade, USD: 1 %, 50 % and 99 % of so many flows.
# Those of fewer than some hundreds are drawn towards the spread that headings usually have.
# A flow is what one exporter sells to one importer in a year, of 10,000 USD and more; quantities
# that an office estimated are left out. Derived figures, made by
# python -m tools.usual_prices ../shared/data (rules in its docstring), from
#   all goods by weight: CEPII BACI, exports of South Africa and Afghanistan, HS6, 2020-2021
#     (Etalab 2.0); UN Comtrade, 23 x 23 countries, HS4, 1989-1990, as packaged in CRAN
#     zerotradeflow (MIT): prices have risen by a seventh since, in the middle of 604 headings
#   chapter 85: UN Comtrade, 20 x 20 countries, HS4, 2019-2024
#   batteries, cars and their metals: UN Comtrade, imports of 184 countries, HS6, 2018-2024
#   bicycles: UN Comtrade 2016-2019
#   all goods by piece: UN Comtrade, India with China 2010, Japan from Canada 2017-2019
#   meat and coffee: Brazil, Comex Stat (MDIC), 2016-2026
# Comtrade's raw records may not be passed on and are not here.
"""


def main() -> None:
    """Write the table, or measure the check."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("folder", type=Path)
    asked.add_argument("--measure", action="store_true")
    given = asked.parse_args()
    flows = observed(given.folder)
    if given.measure:
        for line in measured(flows):
            sys.stdout.write(f"{line}\n")
        return
    FILE.write_text(HEAD + as_csv(spans(flows)), encoding="utf-8")


def observed(folder: Path) -> pl.DataFrame:
    """All flows: ``KEY``, ``value`` (USD), ``quantity``, and ``price``, the log of their ratio."""
    rows = pl.concat(
        part.select(
            *(pl.col(name).cast(pl.String) for name in KEY),
            *(pl.col(name).cast(pl.Float64) for name in ("value", "quantity")),
        )
        for read in READERS
        for part in read(folder)
    )
    rows = rows.filter(pl.col("code").str.contains(r"^(\d{4}|\d{6})$"))
    rows = rows.group_by(KEY).agg(pl.col("value", "quantity").sum())
    good = (
        (pl.col("value") >= LEAST_USD) & (pl.col("quantity") > 0) & pl.col("quantity").is_finite()
    )
    priced = rows.filter(good).with_columns(price=(pl.col("value") / pl.col("quantity")).log())
    return priced.sort(KEY)


def _baci(folder: Path) -> Iterator[pl.DataFrame]:
    rows = pl.read_parquet(folder / "baci_zaf_afg_hs6" / "baci.parquet")
    yield rows.select(
        source=pl.lit("baci"), code="k", unit=pl.lit("kg"), importer="j", exporter="i", span="t",
        value=pl.col("v") * 1000, quantity=pl.col("q") * 1000,
    )  # fmt: skip


def _of_1989(folder: Path) -> Iterator[pl.DataFrame]:
    rows = pl.read_parquet(folder / "baci_hs4_23x23_1989_1990" / "trade.parquet")
    yield rows.select(
        source=pl.lit("1989"), code="hs4", unit=pl.lit("kg"), importer="importer",
        exporter="exporter", span="year", value=pl.col("value_kusd") * 1000,
        quantity=pl.col("quantity_t") * 1000,
    )  # fmt: skip


def _chapter_85(folder: Path) -> Iterator[pl.DataFrame]:
    rows = pl.read_parquet(folder / "comtrade_hs85_bilateral" / "hs85_hs4_20x20.parquet")
    buys = pl.col("flow_code") == "M"
    rows = rows.select(
        "quantity_unit", "net_weight_kg", "quantity", source=pl.lit("hs85"), code="hs_code",
        span=pl.concat_str("year", "flow_code"), value="trade_value_usd",
        importer=pl.when(buys).then("reporter_iso3").otherwise("partner_iso3"),
        exporter=pl.when(buys).then("partner_iso3").otherwise("reporter_iso3"),
    )  # fmt: skip
    yield rows.with_columns(unit=pl.lit("kg"), quantity=pl.col("net_weight_kg"))
    yield rows.filter(pl.col("quantity_unit") == "u").with_columns(unit=pl.lit("item"))


def _batteries(folder: Path) -> Iterator[pl.DataFrame]:
    rows = pl.read_parquet(folder / "comtrade_ev_chain" / "imports_by_partner_2018_2024.parquet")
    rows = rows.filter(pl.col("partnerCode") != 0).select(
        "qtyUnitAbbr", "isQtyEstimated", "isNetWgtEstimated", "qty", "netWgt",
        source=pl.lit("ev"), code="cmdCode", importer="reporterISO", exporter="partnerISO",
        span="year", value="primaryValue",
    )  # fmt: skip
    reported = pl.col("isQtyEstimated").cast(pl.String).str.to_lowercase() == "false"
    weighed = pl.col("isNetWgtEstimated").cast(pl.String).str.to_lowercase() == "false"
    unit = pl.col("qtyUnitAbbr")
    counted = rows.filter(reported).with_columns(quantity=pl.col("qty"))
    yield counted.filter(unit == "u").with_columns(unit=pl.lit("item"))
    yield counted.filter(unit == "kg").with_columns(unit=pl.lit("kg"))
    yield rows.filter(weighed & (unit != "kg")).with_columns(
        unit=pl.lit("kg"), quantity=pl.col("netWgt")
    )


def _india(folder: Path) -> Iterator[pl.DataFrame]:
    """Estimation codes: 2 the quantity, 4 the weight, 6 both."""
    file = folder / "comtrade_formats" / "india_china_hs6_2010.csv"
    buys, estimated = pl.col("Trade Flow Code") == "1", pl.col("Estimation Code")
    rows = pl.read_csv(file, infer_schema_length=0).select(
        estimated=estimated, of=pl.col("Quantity Unit Code"), weight=pl.col("Netweight (kg)"),
        quantity=pl.col("Supplementary Quantity"), source=pl.lit("india"), span="Year",
        code="Commodity Code", value="Value",
        importer=pl.when(buys).then(pl.lit("IND")).otherwise(pl.lit("CHN")),
        exporter=pl.when(buys).then(pl.lit("CHN")).otherwise(pl.lit("IND")),
    )  # fmt: skip
    yield from _by_flags(rows, "5")


def _legacy(folder: Path) -> Iterator[pl.DataFrame]:
    """Japan's imports from Canada; bicycles of all countries with the world."""
    for name, importer, exporter in (
        ("japan_imports_from_canada_hs6", pl.lit("JPN"), pl.lit("CAN")),
        ("bicycles_871200", pl.col("reporter_iso"), pl.col("flow")),
    ):
        rows = pl.read_csv(folder / "comtrade_formats" / f"{name}.csv", infer_schema_length=0)
        if importer.meta.root_names():
            rows = rows.filter(pl.col("partner") == "World")
        rows = rows.select(
            estimated="flag", of="qty_unit", weight="netwgt_kg", quantity="qty",
            source=pl.lit(name[:5]), span="year", code="cmd", value="value_usd",
            importer=importer, exporter=exporter,
        )  # fmt: skip
        yield from _by_flags(rows, "Number of items")


def _by_flags(rows: pl.DataFrame, item: str) -> Iterator[pl.DataFrame]:
    """What was counted, and what was weighed, by itself."""
    counted = pl.col("estimated").is_in(["0", "4"]) & (pl.col("of") == item)
    yield rows.filter(counted).with_columns(unit=pl.lit("item"))
    yield rows.filter(pl.col("estimated").is_in(["0", "2"])).with_columns(
        unit=pl.lit("kg"), quantity=pl.col("weight")
    )


def _brazil(folder: Path) -> Iterator[pl.DataFrame]:
    """The only source with months: coffee."""
    folder /= "brazil_comexstat"
    code = pl.col("code").cast(pl.String).str.zfill(8).str.slice(0, 6)
    ours = {"source": pl.lit("brazil"), "unit": pl.lit("kg"), "exporter": pl.lit("BRA")}
    meat = pl.read_csv(folder / "santa_catarina_meat_ncm_2019_2024.csv").select(
        code="ncm", importer="country", span="year", value="fob_usd", quantity="net_kg", **ours
    )
    coffee = pl.read_csv(folder / "coffee_port_santos_monthly.csv").select(
        code="CO_NCM", importer="CO_PAIS", span=pl.concat_str("CO_ANO", pl.lit("-"), "CO_MES"),
        value="VL_FOB", quantity="KG_LIQUIDO", **ours,
    )  # fmt: skip
    yield from (part.with_columns(code=code) for part in (meat, coffee))


READERS: tuple[Callable[[Path], Iterator[pl.DataFrame]], ...] = (
    _baci, _of_1989, _chapter_85, _batteries, _india, _legacy, _brazil,
)  # fmt: skip


def spans(flows: pl.DataFrame) -> pl.DataFrame:
    """The table: ``unit``, ``code``, ``flows``, and ``low``, ``middle`` and ``high`` in USD."""
    of = {digits: _of_digits(flows, digits) for digits in (2, 4, 6)}
    n, tenths = pl.col("flows"), pl.col("ninth") - pl.col("first")
    span = pl.col("high") - pl.col("low")
    kept = {
        6: n >= FLOWS[6],
        4: (pl.col("finer") > 1)
        & ((n >= FLOWS[4]) | ((n >= FEW) & (tenths <= pl.lit(ALIKE).log()))),
        2: (n >= FLOWS[2]) & (pl.col("finer") >= HEADINGS) & (span <= pl.lit(CHAPTER_ALIKE).log()),
    }
    known = of[4].filter(n >= WELL_KNOWN)
    usual = known.group_by("unit").agg(
        down=(pl.col("low") - pl.col("middle")).median(),
        up=(pl.col("high") - pl.col("middle")).median(),
    )
    rows = pl.concat(table.filter(kept[digits]) for digits, table in of.items())
    own = n / (n + DRAWN)
    rows = rows.join(usual, on="unit").with_columns(
        low=own * pl.col("low") + (1 - own) * (pl.col("middle") + pl.col("down")),
        high=own * pl.col("high") + (1 - own) * (pl.col("middle") + pl.col("up")),
    )
    found = rows.with_columns(pl.col("low", "middle", "high").exp())
    return found.select("unit", "code", "flows", "low", "middle", "high").sort("unit", "code")


def _of_digits(flows: pl.DataFrame, digits: int) -> pl.DataFrame:
    """Quantiles of the log prices by codes of so many digits, and how many finer codes they are of.

    What is known by the heading alone counts as several: it is of all its codes.
    """
    finer = {6: 6, 4: 6, 2: 4}[digits]
    text = pl.col("code")
    rows = flows.filter(text.str.len_chars() >= digits).select(
        "unit", "price", code=text.str.slice(0, digits), part=text.str.slice(0, finer)
    )
    if digits < 6:
        group = ("unit", "part")
        n, rank = pl.len().over(group), pl.col("price").rank("ordinal").over(group).cast(pl.Int64)
        most = OF_A_CODE[digits]
        stays = (rank * most) // n != ((rank - 1) * most) // n
        alone = (pl.col("part") == pl.col("code")) if digits == 4 else pl.lit(value=False)
        rows = rows.filter((n <= most) | stays | alone)
    price = pl.col("price")
    whole = pl.col("part").str.len_chars().min() == digits
    return rows.group_by("unit", "code").agg(
        flows=pl.len(), finer=pl.col("part").n_unique() + pl.when(whole).then(1).otherwise(0),
        low=price.quantile(LOW), first=price.quantile(0.1), middle=price.median(),
        ninth=price.quantile(0.9), high=price.quantile(HIGH),
    )  # fmt: skip


def as_csv(rows: pl.DataFrame) -> str:
    """By unit and code, three figures of each price."""
    lines = [",".join(rows.columns)]
    for unit, code, flows, *prices in rows.rows():
        figures = (f"{float(f'{price:.3g}'):.12g}" for price in prices)
        lines.append(",".join((unit, code, str(flows), *figures)))
    return "\n".join(lines) + "\n"


FAULTS = {
    "yuan said to be dollars (x 7.1)": ("both", 7.1),
    "thousands not said (/ 1,000)": ("both", 1 / 1000),
    "ten thousands not said (/ 10,000)": ("both", 1 / 10_000),
    "tonnes said to be kg (x 1,000)": ("kg", 1000.0),
    "dozens said to be pieces (x 12)": ("item", 12.0),
}
SWAPPED = "kilograms said to be pieces"


def held_back(importer: str) -> bool:
    """A quarter of all importers, by their names."""
    return zlib.crc32(importer.encode()) % 4 == 0


def table_of(rows: pl.DataFrame) -> UsualPrices:
    """The table of :func:`spans`, as the check takes it."""
    return UsualPrices.of(
        (row["unit"], row["code"], (row["flows"], row["low"], row["middle"], row["high"]))
        for row in rows.iter_rows(named=True)
    )


def measured(flows: pl.DataFrame) -> Iterator[str]:
    """What the check sees of planted units, and what it says of right rows."""
    mine = pl.col("importer").map_elements(held_back, return_dtype=pl.Boolean)
    table = table_of(spans(flows.filter(~mine)))
    rows = flows.filter(mine)
    yield f"{len(shipped())} rows are shipped; {len(table)} without a quarter of all importers"
    codes = rows.group_by("unit", "code", "importer", maintain_order=True).agg(
        pl.col("price").median(), pl.len().alias("n"),
    )  # fmt: skip
    several = codes.filter(pl.col("n") >= 3)
    months = rows.filter(pl.col("span").str.contains("-"))
    for name, some in (
        ("rows (code, exporter, importer, year or month)", rows),
        ("codes of an importer, the median of three rows and more", several),
        ("rows of a month", months),
    ):
        yield from _seen(name, some, table)
    yield ""
    yield from _of_files(rows, table)
    yield ""
    for source in flows["source"].unique().sort():
        own = pl.col("source") == source
        unseen = table_of(spans(flows.filter(~own)))
        yield _in_vain(f"a whole source held back: {source}", flows.filter(own), unseen)


def _judged(rows: pl.DataFrame, table: UsualPrices, times: float = 1.0) -> tuple[int, int]:
    """Rows outside, and all that can be judged."""
    priced = rows.with_columns(pl.col("price").exp() * times)
    known = [
        (usual, price)
        for unit, code, price in priced.select("unit", "code", "price").rows()
        if (usual := table.find(code, unit)) is not None
    ]
    return sum(usual.far(price) for usual, price in known), len(known)


FILES = (1, 3, 8, 15)
"""Codes of a file."""


def _of_files(rows: pl.DataFrame, table: UsualPrices) -> Iterator[str]:
    """Files of several codes: what one exporter sells to one importer in a year, in code order."""
    whole = ["source", "unit", "importer", "exporter", "span"]
    files = rows.filter(pl.col("source") != "1989").group_by(whole, maintain_order=True)
    sold = files.agg("code", pl.col("price").exp()).select("unit", "code", "price").rows()
    for count in FILES:
        cut = [
            [Level(code, unit, price) for code, price in zip(codes, prices, strict=True)][:count]
            for unit, codes, prices in sold
            if len(codes) >= count
        ]
        yield f"{len(cut)} files of {count} codes, as ledgers: {_told(cut, _of_ledger(table))}"


def _of_ledger(table: UsualPrices) -> Look:
    return lambda file: bool(table.far_levels(file)[0])


def _told(files: list[list[Level]], look: Look) -> str:
    """The part of the files that is asked about: as they are, and with each fault."""
    faults = {"in vain": 1.0} | {name: times for name, (_, times) in FAULTS.items()}
    parts = []
    for name, times in faults.items():
        planted = [[replace(x, price=float(x.price) * times) for x in file] for file in files]
        parts.append(f"{name} {sum(map(look, planted)) / len(files):.2%}")
    return "; ".join(parts)


def _in_vain(name: str, rows: pl.DataFrame, table: UsualPrices) -> str:
    parts = []
    for unit in ("kg", "item"):
        far, known = _judged(rows.filter(pl.col("unit") == unit), table)
        if known:
            parts.append(f"{unit} {far} of {known} = {far / known:.2%}")
    return f"{name}: in vain " + (", ".join(parts) or "none can be judged")


def _seen(name: str, rows: pl.DataFrame, table: UsualPrices) -> Iterator[str]:
    yield ""
    yield _in_vain(name, rows, table)
    for fault, (unit, times) in FAULTS.items():
        parts = []
        for one in ("kg", "item") if unit == "both" else (unit,):
            far, known = _judged(rows.filter(pl.col("unit") == one), table, times)
            if known:
                parts.append(f"{one} {far / known:.1%}")
        if parts:
            yield f"  {fault}: seen {', '.join(parts)}"
    weighed = rows.filter(pl.col("unit") == "kg").with_columns(unit=pl.lit("item"))
    far, known = _judged(weighed, table)
    if known:
        yield f"  {SWAPPED}: seen {far / known:.1%} of {known}"


if __name__ == "__main__":
    main()
