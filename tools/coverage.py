"""How much of China's exports has a landed cost, and how much a duty that nobody types.

``python -m tools.coverage SHARED`` (``make coverage``) loads the public tariffs of the shared data
folder into a warehouse of its own, takes China's exports by destination from its matrix of trade,
and prints both shares. It writes ``docs/record/china-exports-coverage.json``, from which the
register of rules (``docs/reference/rule-coverage.md``) takes its table.

A destination has a **landed cost** where the rulebook has its regime. Its **duty is known** where
the regime charges none or one rate for all goods, or where the warehouse has lines of its tariff in
at least :data:`CHAPTERS` of the 97 chapters. A tariff that can only be typed, or asked of a broker,
counts as unknown.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import polars as pl

from offing.cli.app import run as offing
from offing.rules.regime_file import shipped
from offing.rules.rulebook import Regime, Rulebook
from offing.terms.countries import countries_by_number
from offing.terms.errors import MissingDataError
from offing.terms.tables import MEAN
from offing.warehouse.store import Warehouse, starter_folder

CHAPTERS = 90
"""Of 97: a tariff with lines in fewer is a part of one."""
ORIGIN = "CHN"
TARIFFS = {
    "tariff-uk-eu": ["uk_eu_tariff_2021/ukgt_cet.csv"],
    "tariff-us": ["us_tariffs/us_mfn_hts8.csv"],
    "tariff-national": [
        f"national_tariffs/{name}.csv"
        for name in ("jpn_2026-07", "aus_2026-04", "eaeu_2026-06-18", "idn_btki2022")
    ],
}
MEANS = "tariffs_hs6/tariffs_hs6.parquet"
"""Means at six digits, which are given to ``tariff-wits`` in the layout of its bulk files."""
LOADED = (
    "tariff-uk-eu, tariff-us, tariff-national of Japan, Australia, the Eurasian Union and "
    "Indonesia, and means at six digits of sixteen importers (tariffs_hs6) as tariff-wits"
)
SOURCE = (
    "CEPII, all goods, the trade matrix of Ignatenko, Macedoni, Lashkaripour and Simonovska (2025)"
)
RECORD = Path(__file__).resolve().parents[1] / "docs" / "record" / "china-exports-coverage.json"

Duty = Literal["one rate", "tariff", "typed", "none"]


@dataclass(frozen=True)
class Destination:
    """One destination of China's exports.

    Attributes:
        market: alpha-3.
        share: of all exports, in percent.
        importer: whose regime it is under; empty without one.
        duty: ``one rate`` for all goods, a loaded ``tariff``, to be ``typed``, or ``none`` without
            a regime.
        chapters: of the loaded tariff.
    """

    market: str
    share: float
    importer: str
    duty: Duty
    chapters: int


def destinations(
    exports: Mapping[str, float], book: Rulebook, chapters: Mapping[str, int]
) -> list[Destination]:
    """The destinations, the largest first.

    Args:
        exports: market → USD.
        book: the rulebook.
        chapters: importer → chapters in which lines of its tariff are loaded.
    """
    whole = sum(exports.values())
    told = []
    for market, usd in sorted(exports.items(), key=lambda pair: (-pair[1], pair[0])):
        share = round(100 * usd / whole, 3)
        try:
            regime = book.regime(market)
        except MissingDataError:
            told.append(Destination(market, share, "", "none", 0))
            continue
        loaded = chapters.get(regime.importer, 0)
        told.append(Destination(market, share, regime.importer, _duty(regime, loaded), loaded))
    return told


def _duty(regime: Regime, chapters: int) -> Duty:
    on_all = [charge for charge in regime.charges if charge.stage == "duty" and charge.tariff]
    if all(charge.rate for charge in on_all):
        return "one rate"
    return "tariff" if chapters >= CHAPTERS else "typed"


def covered(told: Sequence[Destination]) -> tuple[float, float]:
    """Percent of exports with a landed cost, and with a duty that nobody types.

    >>> one, two = Destination("SGP", 50, "SGP", "one rate", 0), Destination("X", 10, "", "none", 0)
    >>> rest = Destination("VNM", 30, "VNM", "typed", 1), Destination("US", 10, "USA", "tariff", 96)
    >>> covered([one, two, *rest])
    (90, 60)
    """
    costed = sum(row.share for row in told if row.importer)
    untyped = sum(row.share for row in told if row.duty in ("one rate", "tariff"))
    return round(costed, 1), round(untyped, 1)


def chapters_of(warehouse: Warehouse) -> dict[str, int]:
    """Importer → chapters in which lines of its tariff are there."""
    lines = warehouse.table("duty_lines").filter(pl.col("regime").is_in(["mfn", "mfn" + MEAN]))
    by = lines.group_by("importer").agg(pl.col("code").str.slice(0, 2).n_unique())
    return dict(by.rows())


def exports_of(file: Path, labels: Path | None) -> dict[str, float]:
    """Market → China's exports, of a table or of a square matrix with labels."""
    if labels is None:
        table = pl.read_csv(file)
        return dict(table.select("importer", pl.col("value_usd").cast(pl.Float64)).rows())
    names = pl.read_csv(labels)["iso3"].to_list()
    matrix = pl.read_csv(file)
    row = [float(value or 0) for value in matrix.row(names.index(ORIGIN))]
    return {name: usd for name, usd in zip(names, row, strict=True) if name != ORIGIN and usd}


def bulk_file(means: pl.DataFrame) -> pl.DataFrame:
    """Means for goods of every origin, as the World Bank lays them out."""
    numbers = {code: number for number, code in countries_by_number().items()} | {"EUN": 918}
    editions = {2017: "H5", 2022: "H6"}
    return means.filter(pl.col("kind") == "MFN", pl.col("rate").is_not_null()).select(
        pl.col("hs_edition").replace_strict(editions, return_dtype=pl.String).alias("NomenCode"),
        pl.col("importer").replace_strict(numbers, return_dtype=pl.Int32).alias("Reporter_ISO_N"),
        pl.col("year").alias("Year"),
        pl.col("hs6").alias("ProductCode"),
        (pl.col("rate_min") * 100).alias("Min_Rate"),
        (pl.col("rate_max") * 100).alias("Max_Rate"),
        (pl.col("rate") * 100).alias("SimpleAverage"),
        pl.col("n_specific").alias("Nbr_NA_Lines"),
        pl.col("n_lines").alias("TotalNoOfLines"),
    )


def loaded(shared: Path, folder: Path) -> Warehouse:
    """A warehouse with the tariffs of ``TARIFFS`` and the means.

    Raises:
        SystemExit: one could not be loaded; it has been said why.
    """
    means = folder.parent / "AVEMFN.csv"
    bulk_file(pl.read_parquet(shared / MEANS)).write_csv(means)
    named = {s: [str(shared / file) for file in files] for s, files in TARIFFS.items()}
    for source, paths in (*named.items(), ("tariff-wits", [str(means)])):
        if code := offing(["load", source, *paths, "--warehouse", str(folder)]):
            raise SystemExit(code)
    return Warehouse.open(folder)


def main(words: Sequence[str]) -> None:
    """Measure, print, write the record."""
    if len(words) != 1 or not (shared := Path(words[0])).is_dir():
        raise SystemExit("python -m tools.coverage SHARED: the shared data folder")
    trade = shared / "liberation_day_2025"
    exports = exports_of(trade / "trade_cepii.csv", trade / "country_labels.csv")
    with TemporaryDirectory() as folder:
        starter = chapters_of(Warehouse(starter_folder()))
        told = destinations(exports, shipped(), chapters_of(loaded(shared, Path(folder) / "house")))
    costed, untyped = covered(told)
    _, alone = covered(destinations(exports, shipped(), starter))
    print(f"landed cost {costed} %, {len(told)} destinations")
    print(f"duty without typing: with what comes along {alone} %, with public tariffs {untyped} %")
    record = {
        "source": SOURCE,
        "loaded": LOADED,
        "landed_cost": costed,
        "duty_known": untyped,
        "starter": alone,
        "destinations": [
            {**asdict(row), "share": round(row.share, 1)} for row in told if row.share >= 0.05
        ],
    }
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
