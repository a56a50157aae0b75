"""What changes an answer in silence: units, releases, exchanged columns, foreign files."""

import random
from pathlib import Path

import polars as pl
import pytest

import offing
from offing.sources.distances import KNOWN_KM
from offing.sources.trade_checks import odd_values, reversed_flows, year_jumps
from offing.terms.errors import InputError
from offing.warehouse import Warehouse, load

ROWS = [
    (year, exporter, importer, code, value, value / each / 1000)
    for year in (2021, 2022)
    for exporter, importer in ((156, 276), (276, 842), (842, 156), (392, 156))
    for code, each, value in (("850760", 0.025, 5000.0), ("852872", 0.018, 900.0))
]
"""BACI: thousand dollars and tonnes, at USD 25 and 18 a kilogram."""


def baci(folder: Path, name: str = "BACI_HS17_Y{year}_V202501.csv", value: float = 1,
         weight: float = 1) -> Path:  # fmt: skip
    folder.mkdir(exist_ok=True)
    for year in (2021, 2022):
        rows = [
            f"{y},{i},{j},{k},{v * value},{q * 1000 * weight}"
            for y, i, j, k, v, q in ROWS if y == year
        ]  # fmt: skip
        text = "t,i,j,k,v,q\n" + "\n".join(rows) + "\n"
        (folder / name.format(year=year)).write_text(text, "utf-8")
    return folder


def noted(source: str, path: Path, house: Path, **given: object) -> list[str]:
    answer = offing.load(source, [path], warehouse=house, **given)  # type: ignore[arg-type]
    return [note.key for note in answer.report.load.notes]


def test_baci_in_dollars_or_kilograms_is_said(tmp_path: Path) -> None:
    house = tmp_path / "house"
    assert noted("baci", baci(tmp_path / "right", weight=0.001), house) == []
    said = ["sources.unit_values_kg", "sources.baci_units"]
    assert noted("baci", baci(tmp_path / "usd", value=1000, weight=0.001), house) == said
    assert noted("baci", baci(tmp_path / "kg"), house) == said


def test_two_releases_of_a_year_are_refused(tmp_path: Path) -> None:
    folder = baci(tmp_path / "both", weight=0.001)
    baci(folder, "BACI_HS17_Y{year}_V202401b.csv", weight=0.001)
    with pytest.raises(InputError) as refused:
        noted("baci", folder, tmp_path / "house")
    assert refused.value.key == "sources.two_releases"
    assert "V202401b and V202501" in str(refused.value)


def test_years_of_another_release_never_stand_beside_those_loaded(tmp_path: Path) -> None:
    house, folder = tmp_path / "house", baci(tmp_path / "new", weight=0.001)
    noted("baci", folder, house)
    older = baci(tmp_path / "older", "BACI_HS17_Y{year}_V202401b.csv", weight=0.001)
    (older / "BACI_HS17_Y2022_V202401b.csv").unlink()
    with pytest.raises(InputError) as refused:
        noted("baci", older, house)
    assert refused.value.key == "sources.two_releases"
    assert "V202401b and V202501 (2022)" in str(refused.value)


def geodist(path: Path, times: float) -> Path:
    pairs = [(*pair, km * times) for pair, km in KNOWN_KM.items()]
    back = [(other, one, km) for one, other, km in pairs]
    rows = [f"{one},{other},{km},{km},0,0,0" for one, other, km in (*pairs, *back)]
    head = "iso_o,iso_d,dist,distw,contig,comlang_off,colony"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def test_miles_are_refused(tmp_path: Path) -> None:
    house = tmp_path / "house"
    assert noted("distances", geodist(tmp_path / "km.csv", 1), house) == []
    assert noted("distances", geodist(tmp_path / "sea.csv", 1.3), house) == []
    with pytest.raises(InputError) as refused:
        noted("distances", geodist(tmp_path / "miles.csv", 1 / 1.609344), house)
    assert refused.value.key == "reference.no_kilometres"


BACI = "t,i,j,k,v,q\n2020,156,276,852872,5,1\n"


@pytest.mark.parametrize(
    ("source", "text", "table"),
    [
        ("baci", BACI, "flows"),
        ("tariff-rcep", "HS Code,Product Description,Year 1\n01012100,x,0%\n", "duty_lines"),
    ],
)
def test_a_foreign_file_in_a_folder_is_passed_over_and_named(
    tmp_path: Path, source: str, text: str, table: str
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / ("australia.csv" if source == "tariff-rcep" else "gdp_HS17_Y2020.csv")).write_text(
        text
    )
    (folder / "a note.txt").write_text("Bought on Monday\n")
    (folder / "zz.csv").write_text("a,b\n1,2\n")
    (folder / "manual.pdf").write_text("%PDF")
    made = load(source, [folder], tmp_path / "w").load
    assert made.good == (2 if source == "tariff-uk-eu" else 1)  # a line of each importer
    note = next(note for note in made.notes if note.key == "sources.not_ours")
    assert note.values == {"count": 3, "files": "a note.txt, zz.csv, manual.pdf"}
    assert Warehouse(tmp_path / "w").has(table)


def test_a_year_with_a_misspelt_column_is_not_lost_in_silence(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "BACI_HS17_Y2020.csv").write_text(BACI)
    (folder / "BACI_HS17_Y2021.csv").write_text(BACI.replace("k,v", "kk,v").replace("2020", "2021"))
    with pytest.raises(InputError) as caught:
        load("baci", [folder], tmp_path / "w")
    assert caught.value.key.startswith("sources.missing_column")
    (folder / "BACI_HS17_Y2021.csv").write_text("")
    with pytest.raises(InputError) as caught:
        load("baci", [folder], tmp_path / "w")
    assert caught.value.key == "sources.empty"


PLACES = ("DEU", "FRA", "JPN", "BRA", "GBR")


def flows(
    product: str = "850760", each: float = 25.0, years: tuple[int, ...] = (2022, 2023)
) -> pl.DataFrame:
    """Flows of a million dollars and more at one price a kilogram."""
    rows = [(y, n, place) for y in years for n, place in enumerate(PLACES, 1)]
    return pl.DataFrame(
        {
            "year": [y for y, _, _ in rows],
            "product": product,
            "importer": [place for _, _, place in rows],
            "exporter": "CHN",
            "value": [n * 1e6 * (1 + year / 1e5) for year, n, _ in rows],
            "kg": [n * 1e6 * (1 + year / 1e5) / each for year, n, _ in rows],
        }
    )


def keys(rows: pl.DataFrame) -> list[str]:
    return [note.key.removeprefix("sources.") for note in odd_values(rows)]


def test_one_year_in_other_units_is_named() -> None:
    rows = pl.concat([flows(years=(2021, 2023)), flows(each=0.025, years=(2022,))])
    (off, *_) = odd_values(rows)
    assert (off.values["years"], off.values["count"]) == ("2022", 5)
    assert (off.values["low"], off.values["high"]) == ("0.79", "9,900"), "3.95 / 5, 1,980 × 5"


@pytest.mark.parametrize(
    ("times", "said"), [(1000.0, True), (1 / 1000, True), (2.5, False), (1.0, False)]
)
def test_a_year_that_jumps_in_all_flows_alike_is_named(times: float, said: bool) -> None:
    """Weights are not needed."""
    codes = ("850760", "852872", "851830", "850440")
    rows = pl.concat(flows(code, years=(2021, 2022, 2023)) for code in codes)
    late = pl.when(pl.col("year") == 2023).then(times).otherwise(1.0)
    found = year_jumps(
        rows.with_columns(pl.col("value") * late), ("importer", "exporter", "product")
    )
    assert [note.values["second"] for note in found] == ([2023] if said else [])


def test_frames_with_exchanged_columns_are_refused() -> None:
    good = flows().rename({"value": "value_usd"})
    Warehouse.from_frames(flows=good)
    with pytest.raises(InputError) as caught:
        Warehouse.from_frames(flows=good.rename({"value_usd": "kg", "kg": "value_usd"}))
    assert caught.value.key == "frames.unit_values"
    assert "changed places" in str(caught.value)
    Warehouse.from_frames(flows=good.drop("kg"))


COUNTRIES = ("CHN", "USA", "DEU", "JPN", "BRA", "MEX", "VNM")


def both_ways(years: tuple[int, ...] = (2021, 2022)) -> pl.DataFrame:
    """Trade of seven countries in two codes, widely apart in the two directions of a pair."""
    dice = random.Random(7)
    rows = [
        {"year": year, "product": code, "exporter": a, "importer": b,
         "value_usd": 1e6 * 5 ** COUNTRIES.index(b) / 4 ** COUNTRIES.index(a) * dice.uniform(1, 2)}
        for year in years for code in ("852872", "852859")
        for a in COUNTRIES for b in COUNTRIES if a != b
    ]  # fmt: skip
    return pl.DataFrame(rows).with_columns(kg=pl.col("value_usd") / 12, items=pl.lit(None))


def headings(rows: pl.DataFrame) -> pl.DataFrame:
    """The same by four digits, a tenth apart: what another data set has."""
    coded = rows.with_columns(product=pl.col("product").str.slice(0, 4))
    keys = ["year", "product", "exporter", "importer"]
    return coded.group_by(keys).agg(pl.col("value_usd").sum() * 1.1)


def exchanged(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.rename({"exporter": "importer", "importer": "exporter"})


@pytest.mark.parametrize("turned", [False, True])
def test_flows_of_the_other_direction_are_told(turned: bool) -> None:
    rows = exchanged(both_ways()) if turned else both_ways()
    like = headings(both_ways((2021, 2022, 2023)))
    assert bool(reversed_flows(rows, like)) == turned
