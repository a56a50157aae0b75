"""A load is all or nothing, repeatable, and says what it did."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from offing.terms.errors import InputError, StorageError, Where
from offing.warehouse import Warehouse, load
from offing.warehouse.catalog import (
    FILE,
    data_state,
    disk_errors_said,
    file_stamp,
    lock_folder,
    put_on_disk,
    read_catalog,
)

AT = datetime(2026, 1, 1, tzinfo=UTC)
HEAD = "t,i,j,k,v,q\n"


def year_file(folder: Path, year: int, value: float = 1, edition: str = "17") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"BACI_HS{edition}_Y{year}_V202301.csv"
    lines = [f"{year},156,{j},{k},{value},2" for j in (276, 842) for k in ("852872", "010121")]
    path.write_text(HEAD + "\n".join(lines) + "\n")
    return path


def total(house: Path, dataset: str = "baci") -> dict[int, float]:
    rows = Warehouse(house).query(
        "SELECT year, sum(value_usd) AS total FROM "
        + Warehouse(house).source_sql("flows", dataset)
        + " GROUP BY year ORDER BY year"
    )
    return dict(rows.iter_rows())


def tree(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }


def test_a_first_load_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    """One that was there stays, and so does what a load has stored."""
    house, bad = tmp_path / "house", tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError):
        load("baci", [bad], house, at=AT)
    assert not house.exists()
    house.mkdir()
    with pytest.raises(InputError):
        load("baci", [bad], house, at=AT)
    assert house.is_dir()
    load("baci", [year_file(tmp_path, 2019)], house, at=AT)
    with pytest.raises(InputError):
        load("baci", [bad], house, at=AT)
    assert total(house)


def test_years_are_added_and_replaced(tmp_path: Path) -> None:
    house = tmp_path / "house"
    first = load("baci", [year_file(tmp_path, 2019)], house, at=AT)
    assert (first.years, first.replaced, first.load.edition) == ((2019,), (), "2017")
    load("baci", [year_file(tmp_path, 2020)], house, at=AT)
    again = load("baci", [year_file(tmp_path, 2020, value=5)], house, at=AT)
    assert (again.years, again.replaced) == ((2020,), (2020,))
    assert total(house) == {2019: 4000.0, 2020: 20_000.0}
    assert len(list((house / "flows").rglob("*.parquet"))) == 3  # the old 2020 until the next load
    load("baci", [year_file(tmp_path, 2021)], house, at=AT)
    assert len(list((house / "flows").rglob("*.parquet"))) == 3


def test_the_same_load_gives_the_same_bytes(tmp_path: Path) -> None:
    path = year_file(tmp_path, 2020)
    path.write_text(path.read_text() + "2020,156,999,852872,1,1\n")
    for name in ("a", "b"):
        load("baci", [path], tmp_path / name, at=AT)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    before = pl.read_parquet(next((tmp_path / "a" / "flows").rglob("*.parquet")))
    load("baci", [path], tmp_path / "a", at=AT)
    newest = max((tmp_path / "a" / "flows").rglob("*.parquet"))
    assert pl.read_parquet(newest).equals(before)


def test_provenance_and_quarantine(tmp_path: Path) -> None:
    path = year_file(tmp_path, 2020)
    path.write_text(path.read_text() + "2020,156,999,852872,1,1\n")
    report = load("baci", [path], tmp_path / "house", at=AT)
    record = read_catalog(tmp_path / "house").loads[-1]
    assert record == report.load
    assert (record.rows_in, record.good) == (5, 4)
    assert record.quarantined == {"sources.unknown_country": 1}
    assert record.inputs[0].bytes == path.stat().st_size
    assert record.quarantine is not None
    kept = pl.read_csv(tmp_path / "house" / record.quarantine)
    assert kept.select("file", "row", "text", "reason").rows() == [
        (str(path), 6, "2020,156,999,852872,1,1", "sources.unknown_country")
    ]
    assert kept["why"].to_list() == ["the country is not known"]


def test_editions_are_not_mixed_across_loads(tmp_path: Path) -> None:
    house = tmp_path / "house"
    load("baci", [year_file(tmp_path, 2019)], house)
    other = year_file(tmp_path, 2020, edition="12")
    before = tree(house)
    with pytest.raises(InputError) as error:
        load("baci", [other], house)
    assert error.value.key == "warehouse.mixed_editions"
    assert "baci-2012" in (error.value.next_step or "")
    assert tree(house) == before
    load("baci", [other], house, dataset="baci-2012")
    assert total(house, "baci-2012") == {2020: 4000.0}
    # Every year anew in another edition is no mix.
    load("baci", [year_file(tmp_path, 2019, edition="22")], house)


def test_nothing_good_changes_nothing(tmp_path: Path) -> None:
    house = tmp_path / "house"
    load("baci", [year_file(tmp_path, 2020)], house)
    before = tree(house)
    bad = tmp_path / "HS17.csv"
    bad.write_text(HEAD + "2020,156,999,852872,1,1\n")
    with pytest.raises(InputError) as error:
        load("baci", [bad], house)
    assert error.value.key == "warehouse.no_good_rows"
    assert "the country is not known (1)" in error.value.found
    with pytest.raises(InputError):
        load("baci", [tmp_path / "nowhere"], house)
    assert tree(house) == before


def test_a_load_of_part_of_a_year_is_said(tmp_path: Path) -> None:
    path = year_file(tmp_path, 2020)
    load("baci", [path], tmp_path / "house")
    head, *lines = path.read_text().splitlines(keepends=True)
    for count, said in ((3, []), (1, ["3"]), (1, [])):
        path.write_text("".join([head, *lines[:count]]))
        report = load("baci", [path], tmp_path / "house")
        fewer = [note for note in report.load.notes if note.key == "warehouse.fewer_rows"]
        assert [note["before"] for note in fewer] == said


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    path = year_file(tmp_path, 2020)
    mine = tmp_path / "home" / "papers" / "2020" / "000001.parquet"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(InputError) as error:
        load("baci", [path], tmp_path / "home")
    assert error.value.key == "warehouse.not_empty"
    with pytest.raises(InputError) as error:
        load("baci", [path], path)
    assert error.value.key == "warehouse.not_a_folder"
    assert mine.read_text() == "mine"


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:40])


def _scratched(file: Path) -> None:
    raw = file.read_bytes()
    file.write_bytes(raw[:20] + b"\0" * 60 + raw[80:])


@pytest.mark.parametrize("damage", [Path.unlink, _cut, _scratched])
def test_a_broken_part_is_named_with_its_remedy(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    house = tmp_path / "house"
    load("baci", [year_file(tmp_path, 2019)], house, dataset="mine")
    part = next((house / "flows").rglob("*.parquet"))
    damage(part)
    with pytest.raises(StorageError) as error:
        Warehouse(house).flows("852872", dataset="mine")
    assert error.value.key == "warehouse.broken_part"
    assert error.value.where == Where(part)
    assert "offing load baci PATH --as mine" in (error.value.next_step or "")
    load("baci", [year_file(tmp_path, 2019)], house, dataset="mine")  # and the remedy works
    assert not Warehouse(house).flows("852872", dataset="mine").is_empty()


def test_two_loads_at_once(tmp_path: Path) -> None:
    with lock_folder(tmp_path / "house"), pytest.raises(StorageError) as error:
        load("baci", [year_file(tmp_path, 2020)], tmp_path / "house")
    assert error.value.key == "warehouse.busy"


def big_file(tmp_path: Path, rows: int = 120_000) -> Path:
    draw = random.Random(1)
    path = tmp_path / "BACI_HS17_Y2020_V202301.csv"
    countries = [276, 842, 250, 392, 410, 826, 380, 724]
    with path.open("w") as file:
        file.write(HEAD)
        for number in range(rows):
            code = f"{10_000 + number // 8:06d}"
            file.write(f"2020,156,{countries[number % 8]},{code},{draw.random():.6f},{number}\n")
    return path


LIMITED = """
import resource, sys
from pathlib import Path
from offing.terms.errors import StorageError
from offing.warehouse import load
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    load("baci", [Path(sys.argv[1])], Path(sys.argv[2]))
except StorageError as error:
    print(error.key, "|", error)
    sys.exit(2)
"""


@pytest.mark.parametrize("limit", [100_000])
def test_a_full_disk_leaves_the_old_state(tmp_path: Path, limit: int) -> None:
    """The system refuses to let a file grow beyond a size, as a full disk does."""
    house = tmp_path / "house"
    load("baci", [year_file(tmp_path, 2019)], house, at=AT)
    before = tree(house)
    path = big_file(tmp_path)
    command = [sys.executable, "-c", LIMITED, str(path), str(house), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stdout.startswith("warehouse.disk | ")
    assert "Traceback" not in done.stderr
    assert tree(house) == before


def test_a_full_disk_in_the_last_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = tmp_path / "house"
    load("baci", [year_file(tmp_path, 2019)], house)
    before = tree(house)

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("offing.warehouse.loading.write_catalog", full)
    with pytest.raises(StorageError) as error:
        load("baci", [year_file(tmp_path, 2020)], house)
    assert error.value.key == "warehouse.disk"
    assert os.strerror(28) in error.value.found
    assert tree(house) == before


def test_a_kill_at_any_moment_leaves_the_old_or_the_new_state(tmp_path: Path) -> None:
    house = tmp_path / "house"
    old = year_file(tmp_path / "old", 2020, value=7)
    load("baci", [old], house)
    path = big_file(tmp_path)
    states = [total(house)]
    script = (
        "import sys; from pathlib import Path; from offing.warehouse import load\n"
        "import offing.sources.baci; print('ready', flush=True)\n"
        "load('baci', [Path(sys.argv[1])], Path(sys.argv[2]))\n"
    )
    command = [sys.executable, "-c", script, str(path), str(house)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        ready = time.perf_counter()
        process.wait()
    length = time.perf_counter() - ready
    assert began < ready
    states.append(total(house))
    load("baci", [old], house)
    draw = random.Random(7)
    for _ in range(6):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(draw.uniform(0, length))
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert total(house) in states
    load("baci", [old], house)
    assert total(house) == states[0]
    assert not list(house.glob(".staging-*"))
    named = {part.file for part in read_catalog(house).parts}
    there = {f.relative_to(house).as_posix() for f in (house / "flows").rglob("*.parquet")}
    assert named <= there


FULL = os.strerror(errno.ENOSPC)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "no space"), "no space"),
        (duckdb.IOException(f"IO Error: {'x' * 300}\nmore"), f"IO Error: {'x' * 190}"),
        (duckdb.OutOfMemoryException("too much"), "too much"),
        (pl.exceptions.ComputeError(f"write failed (os error {errno.ENOSPC})"), FULL),
        (StorageError("warehouse.disk", reason="said before"), "said before"),
    ],
)
def test_what_the_disk_refuses(error: Exception, reason: str) -> None:
    with pytest.raises(StorageError) as said, disk_errors_said(Path("house")):
        raise error
    assert (said.value.key, said.value.values["reason"]) == ("warehouse.disk", reason)


@pytest.mark.parametrize(
    ("code", "bears"), [(errno.EINVAL, True), (errno.ENOTSUP, True), (errno.EIO, False)]
)
def test_a_disk_that_cannot_be_told_to_write_now(
    code: int, bears: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(code, "no")

    file = tmp_path / "part"
    file.write_bytes(b"x")
    put_on_disk(file)
    monkeypatch.setattr(os, "fsync", refuse)
    if bears:
        put_on_disk(file)
    else:
        with pytest.raises(OSError, match="no"):
            put_on_disk(file)


def test_the_state_of_data_is_another_after_each_load(tmp_path: Path) -> None:
    assert data_state(tmp_path) == (str(tmp_path / FILE), ())
    (tmp_path / FILE).write_bytes(b"1234")
    assert data_state(tmp_path) == (str(tmp_path / FILE), file_stamp(tmp_path / FILE))
