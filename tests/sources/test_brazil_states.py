"""A state's exports out of Comex Stat's raw tables, and all states together."""

from datetime import date
from pathlib import Path

import pytest

import offing
from cautions import keyed
from offing.sources.comexstat import is_by_state, read_by_state

HEAD = "CO_ANO;CO_MES;CO_NCM;CO_UNID;CO_PAIS;SG_UF_NCM;CO_VIA;CO_URF;QT_ESTAT;KG_LIQUIDO;VL_FOB"


def table(folder: Path, name: str = "EXP_2024.csv", *, year: int = 2024, extra: str = "") -> Path:
    """Two states: pork to Japan and China by month, a hundred and ten of SC, fifty of PR."""
    rows = [
        f'"{year}";"{month:02d}";"02032900";"10";"{country}";"{state}";"01";"0817800";{kg};{kg};{usd}'
        for month in range(1, 13)
        for country, state, kg, usd in (
            ("399", "SC", 40, 100), ("160", "SC", 5, 10), ("399", "PR", 30, 50),
        )
    ]  # fmt: skip
    path = folder / name
    path.write_text("\n".join([HEAD, *rows, extra]).rstrip() + "\n", "latin-1")
    return path


def test_a_state_and_its_country(tmp_path: Path) -> None:
    path = table(tmp_path)
    assert is_by_state([path])
    read = read_by_state([path])
    assert read.states == ("SC", "PR")
    assert read.covers == (date(2024, 1, 1), date(2024, 12, 31))
    mine = read.lines("sc")
    assert set(mine["product"]) == {"020329"}
    assert mine["usd"].sum() == 12 * 110
    assert mine["quantity"].sum() == 12 * 45
    whole = {(row["importer"], row["value_usd"], row["kg"]) for row in read.country().to_dicts()}
    assert whole == {("JPN", 12 * 150.0, 12 * 70.0), ("CHN", 12 * 10.0, 12 * 5.0)}


def test_several_years_in_a_folder_and_the_country_of_the_file(tmp_path: Path) -> None:
    for year in (2021, 2022, 2023):
        table(tmp_path, f"EXP_{year}.csv", year=year)
    files = sorted(tmp_path.iterdir())
    for given in (tmp_path, files, tuple(map(str, files))):
        answer = offing.province(given, province="SC", on=date(2024, 6, 1))
        assert answer.origin == "BRA"
        assert answer.standing.full == (2021, 2022, 2023)
        assert [key for key, _ in keyed(answer.cautions)] == ["province.country_of_file"]
        here = {row["market"]: row["share"] for row in answer.beside.to_dicts()}
        assert here == pytest.approx({"JPN": 100 / 150, "CHN": 1.0})
        assert answer.record is not None
        assert answer.record.scores == ()
