"""Years with a file each are published one by one; a load that was killed goes on where it was."""

import signal
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.warehouse import Warehouse, load
from offing.warehouse.catalog import read_catalog

AT = datetime(2026, 1, 1, tzinfo=UTC)
YEARS = range(2018, 2023)


def year_file(folder: Path, year: int, value: float = 1, more: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"BACI_HS17_Y{year}_V202301.csv"
    good = "".join(
        f"{year},156,{j},{k},{value},2\n" for j in (276, 842) for k in ("852872", "010121")
    )
    path.write_text(f"t,i,j,k,v,q\n{good}{year},156,999,852872,1,1\n{more}")
    return path


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for year in YEARS:
        year_file(tmp_path / "files", year)
    return tmp_path / "files"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }


def stored_years(house: Path) -> list[int]:
    return Warehouse(house).years("flows", "baci")


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import offing.warehouse.catalog as catalog
from offing.warehouse import load
calls, at, replaced = [0], int(sys.argv[3]), Path.replace
def replace(file, target):
    calls[0] += 1
    if calls[0] == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return replaced(file, target)
Path.replace = replace
load("baci", [Path(sys.argv[1])], Path(sys.argv[2]), at=datetime(2026, 1, 1, tzinfo=UTC))
"""


@pytest.mark.parametrize("at", [2, 3, 6, 7, 11])
def test_a_load_that_was_killed_goes_on_and_ends_as_an_unbroken_one(
    files: Path, tmp_path: Path, at: int
) -> None:
    """It is killed before a part or a catalogue, in turn, is put in its place."""
    house, unbroken = tmp_path / "house", tmp_path / "unbroken"
    load("baci", [files], unbroken, at=AT)
    command = [sys.executable, "-c", KILLED, str(files), str(house), str(at)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    years = stored_years(house)
    assert years == list(YEARS)[: len(years)]
    assert len(years) < len(YEARS)
    report = load("baci", [files], house, at=AT)
    assert report.years == tuple(YEARS[len(years) :])
    assert tree(house) == tree(unbroken)
    assert report.load.rows_in == 5 * len(report.years)


def test_what_is_in_already_is_not_read_again(files: Path, tmp_path: Path) -> None:
    house = tmp_path / "house"
    first = load("baci", [files], house, at=AT)
    assert (first.load.rows_in, first.load.good) == (25, 20)
    assert first.load.quarantined == {"sources.unknown_country": 5}
    assert first.tables == {"flows": 20}
    before = tree(house)
    again = load("baci", [files], house, at=AT)
    assert tree(house) == before
    assert again.load.good == 20
    assert Caution("warehouse.in_already", {"count": 5}) in again.load.notes
    year_file(files, 2023)
    assert load("baci", [files], house, at=AT).years == (2023,)
    alone = load("baci", [files / "BACI_HS17_Y2018_V202301.csv"], house, at=AT)
    assert alone.replaced == (2018,)


def test_years_that_replace_others_come_all_at_once(files: Path, tmp_path: Path) -> None:
    """A set is never half of one release and half of another."""
    house = tmp_path / "house"
    load("baci", [files], house, at=AT)
    for year in (2018, 2019, 2024):
        year_file(files, year, value=7)
    report = load("baci", [files], house, at=AT)
    assert (report.years, report.replaced) == ((2018, 2019, 2024), (2018, 2019))
    assert len(read_catalog(house).loads) == len(YEARS) + 1
    sums = Warehouse(house).trade_seen("")[0]
    assert sums == {"baci": 4e3 * (3 + 7)}  # the newest five years: 2020 to 2022, and 2024


def test_a_file_whose_name_says_another_year_than_its_rows_is_refused(
    files: Path, tmp_path: Path
) -> None:
    load("baci", [files], tmp_path / "house")
    wrong = tmp_path / "BACI_HS17_Y2016_V202301.csv"
    wrong.write_bytes((files / "BACI_HS17_Y2020_V202301.csv").read_bytes())
    before = Warehouse(tmp_path / "house").trade_seen("")[0]
    with pytest.raises(InputError) as error:
        load("baci", [wrong], tmp_path / "house")
    assert error.value.key == "sources.year_of_name"
    assert error.value.values["years"] == "2020"
    assert Warehouse(tmp_path / "house").trade_seen("")[0] == before


def test_a_row_of_a_year_that_another_file_has_is_refused(files: Path, tmp_path: Path) -> None:
    year_file(files, 2020, more="2019,156,276,852872,5,1\n")
    with pytest.raises(InputError) as error:
        load("baci", [files], tmp_path / "house")
    assert error.value.key == "sources.year_of_name"
    assert stored_years(tmp_path / "house") == [2018, 2019]
    year_file(files, 2020)
    load("baci", [files], tmp_path / "house")
    assert stored_years(tmp_path / "house") == list(YEARS)


def test_the_publishers_archive_goes_year_by_year(files: Path, tmp_path: Path) -> None:
    packed = tmp_path / "BACI_HS17_V202301.zip"
    with zipfile.ZipFile(packed, "w") as made:
        for file in sorted(files.iterdir()):
            made.write(file, file.name)
    house = tmp_path / "house"
    report = load("baci", [packed], house)
    assert report.years == tuple(YEARS)
    assert [(one.name, one.rows) for one in report.load.inputs] == [(packed.name, 25)]
    assert len(read_catalog(house).loads) == len(YEARS)
    assert load("baci", [packed], house).years == ()


def test_a_damaged_year_is_read_again(files: Path, tmp_path: Path) -> None:
    house = tmp_path / "house"
    load("baci", [files], house, at=AT)
    (part,) = (p for p in read_catalog(house).parts if p.year == 2020)
    written = bytearray((house / part.file).read_bytes())
    written[40] ^= 1
    (house / part.file).write_bytes(written)
    assert load("baci", [files], house, at=AT).replaced == (2020,)
    assert all(state == "whole" for _, _, state in Warehouse(house).parts_seen())
