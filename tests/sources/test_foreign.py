"""Files of a folder that are not of the source are passed over and named; nothing else is."""

from pathlib import Path

import pytest

from offing.terms.errors import InputError
from offing.warehouse import Warehouse, load

BACI = "t,i,j,k,v,q\n2020,156,276,852872,5,1\n"
REPORTS = (
    "Year,Trade Flow,Reporter ISO,Partner ISO,Commodity Code,Trade Value (US$),Classification\n"
    "2020,Export,CHN,DEU,8528,1000,H5\n"
)
DISTANCES = "iso_o,iso_d,contig,comlang_off,colony,dist,distw\nCHN,DEU,0,0,0,7800,8000\n"


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
