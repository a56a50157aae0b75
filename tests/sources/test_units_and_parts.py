"""What changes an answer in silence: units of BACI, two releases, parts without a total, miles."""

from pathlib import Path

import pytest

import offing
from offing.sources.distances import KNOWN_KM
from offing.terms.errors import InputError

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
