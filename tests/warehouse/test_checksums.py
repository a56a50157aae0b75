"""Stored parts and their checksums: every flipped bit is met before it can change an answer."""

import json
import os
import random
from pathlib import Path

import polars as pl
import pytest

from offing.cli.app import run
from offing.terms.errors import StorageError
from offing.warehouse import Warehouse
from offing.warehouse.catalog import (
    FILE,
    Catalog,
    StoredPart,
    read_catalog,
    stretches,
    stretches_of_codes,
    write_catalog,
)
from offing.warehouse.loading import load

ROWS = 6000
FLIPS = 60
SEED = 20261126


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three years of BACI's layout with four products."""
    folder = tmp_path_factory.mktemp("checksums")
    chance = random.Random(SEED)
    files = folder / "files"
    files.mkdir()
    for year in (2021, 2022, 2023):
        lines = ["t,i,j,k,v,q"]
        for product in ("010121", "852872", "852990", "950300"):
            for exporter in (156, 276, 410, 724):
                for importer in (40, 56, 203, 208, 246, 300):
                    value, tonnes = chance.uniform(1, 900), chance.uniform(0.1, 40)
                    lines.append(f"{year},{exporter},{importer},{product},{value:.3f},{tonnes:.3f}")
        (files / f"BACI_HS17_Y{year}_V202601.csv").write_text("\n".join(lines), encoding="utf-8")
    load("baci", [files], folder / "warehouse")
    return folder / "warehouse"


def flows(folder: Path) -> pl.DataFrame:
    return Warehouse.open(folder).flows("852872")


def parts(folder: Path) -> list[StoredPart]:
    return read_catalog(folder).parts_of("flows")


def test_checksums_cover_every_byte_once(loaded: Path) -> None:
    for part in parts(loaded):
        at = 0
        for stretch in part.sums:
            assert stretch.start == at
            at += stretch.length
        assert at == (loaded / part.file).stat().st_size


def test_flips_never_change_an_answer(loaded: Path) -> None:
    """A bit of a part is flipped, its size and time restored: the same rows, or the part's name."""
    right = flows(loaded)
    chance = random.Random(SEED)
    told = 0
    for _ in range(FLIPS):
        part = chance.choice(parts(loaded))
        file = loaded / part.file
        before, time = file.read_bytes(), file.stat()
        at = chance.randrange(len(before))
        changed = bytearray(before)
        changed[at] ^= 1 << chance.randrange(8)
        file.write_bytes(changed)
        os.utime(file, ns=(time.st_atime_ns, time.st_mtime_ns))
        met, rows = "", right
        try:
            rows = flows(loaded)
        except StorageError as error:
            met = str(error)
        file.write_bytes(before)
        assert rows.equals(right)
        assert not met or str(file) in met
        told += bool(met)
    assert told >= FLIPS * 0.9
    assert flows(loaded).equals(right)


def test_every_bit_of_a_catalogue_counts(tmp_path: Path) -> None:
    write_catalog(tmp_path, Catalog(parts=(StoredPart("flows", "baci", 2024, "f.parquet", 3, 1),)))
    file = tmp_path / FILE
    whole = file.read_bytes()
    for bit in range(len(whole) * 8):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        file.write_bytes(changed)
        with pytest.raises(StorageError):
            read_catalog(tmp_path)


@pytest.mark.parametrize(("before", "after"), [('"flows"', '"floWs"')])
def test_a_damaged_catalogue_is_refused_by_every_question(
    before: str, after: str, loaded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = loaded / FILE
    whole = file.read_text("utf-8")
    assert before in whole
    try:
        file.write_text(whole.replace(before, after, 1), "utf-8", newline="")
        for asked in (["sources", "--verify"], ["ladder", "852872", "Germany"], ["sources"]):
            assert run([*asked, "--warehouse", str(loaded), "--lang", "en"]) == 2
            told = " ".join(capsys.readouterr().err.split())
            assert "catalog.json" in told
            assert "checksum" in told
            assert "offing sources --verify" in told
    finally:
        file.write_text(whole, "utf-8", newline="")


@pytest.mark.parametrize(
    "asked", [["sources"], ["ladder", "852872", "Germany"], ["sources", "--verify"], ["load"]]
)
@pytest.mark.parametrize("named", [True, False])
def test_parts_without_a_catalogue_are_a_damaged_warehouse(
    asked: list[str], named: bool, loaded: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The starter world answered in its place, without a word; and a load swept the parts away."""
    import shutil

    lost = tmp_path / "lost"
    shutil.copytree(loaded, lost)
    (lost / FILE).unlink()
    before = sorted(lost.rglob("*.parquet"))
    monkeypatch.setenv("OFFING_WAREHOUSE", str(lost))
    if asked == ["load"]:
        file = loaded.parent / "files" / "BACI_HS17_Y2021_V202601.csv"
        asked = ["load", "baci", str(file)]
    assert run([*asked, *(["--warehouse", str(lost)] if named else []), "--lang", "en"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    for part in ("catalog.json", "Where:", "Expected:", "Next:", "--warehouse"):
        assert part in said
    assert sorted(lost.rglob("*.parquet")) == before


def test_only_the_row_groups_of_a_product_are_verified(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"product": sorted(f"{n % 90 + 10}{n % 100:02d}" for n in range(ROWS)), "v": range(ROWS)}
    )
    file = tmp_path / "x.parquet"
    frame.write_parquet(file, row_group_size=500)
    sums = stretches(Warehouse.open(None).duck, file)
    assert len(sums) == ROWS // 500 + 1
    few = stretches_of_codes(sums, "8528")
    assert 2 <= len(few) <= 4  # its row groups, and what stands behind them
    assert few[-1] == sums[-1]
    assert stretches_of_codes(sums) == list(sums)


@pytest.mark.parametrize("how", ["cut", "longer", "missing"])
def test_cut_grown_and_missing_parts_are_named(how: str, loaded: Path) -> None:
    file = loaded / parts(loaded)[1].file
    before = file.read_bytes()
    try:
        if how == "missing":
            file.unlink()
        else:
            file.write_bytes(before[:-9] if how == "cut" else before + b"x")
        with pytest.raises(StorageError) as error:
            flows(loaded)
        assert str(file) in str(error.value)
        assert "offing load baci" in str(error.value)
    finally:
        file.write_bytes(before)


def test_sources_verify(loaded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["sources", "--verify", "--warehouse", str(loaded)]
    assert run([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["parts"]
    assert {one["state"] for one in told} == {"whole"}
    assert len(told) >= 3
    one, other = (loaded / part.file for part in parts(loaded)[:2])
    kept = one.read_bytes(), other.read_bytes()
    try:
        one.write_bytes(kept[0][:50] + bytes([kept[0][50] ^ 1]) + kept[0][51:])
        other.unlink()
        assert run([*asked, "--json"]) == 1
        states = {one["file"]: one["state"] for one in json.loads(capsys.readouterr().out)["parts"]}
        assert (states[str(one)], states[str(other)]) == ("damaged", "missing")
        assert run([*asked, "--lang", "zh"]) == 1
        assert "offing load baci" in capsys.readouterr().out.replace("\n", "")
    finally:
        one.write_bytes(kept[0])
        other.write_bytes(kept[1])


def test_parts_of_an_earlier_version_have_no_sums_and_are_read(
    loaded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    old = tmp_path / "old"
    shutil.copytree(loaded, old)
    catalog = json.loads((old / "catalog.json").read_text(encoding="utf-8"))
    catalog["format"] = 1
    del catalog["sum"]
    for part in catalog["parts"]:
        del part["sums"]
    (old / "catalog.json").write_text(json.dumps(catalog), encoding="utf-8")
    assert flows(old).equals(flows(loaded))
    assert run(["sources", "--verify", "--warehouse", str(old)]) == 0
    assert "earlier version" in capsys.readouterr().out.replace("\n", " ")
