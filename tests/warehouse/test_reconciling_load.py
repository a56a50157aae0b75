"""Reports that are loaded become flows in the same step; the command shows and proves them."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from offing.cli.app import run
from offing.sources.staging import Progress, Staging, silent
from offing.warehouse import Warehouse, load, loading
from report_world import one, reports, world

Loader = Callable[[pl.DataFrame], None]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Loader:
    """Load reports into the warehouse at ``tmp_path``, as a source would stage them."""

    def loader(rows: pl.DataFrame) -> None:
        def read(_paths: list[Path], staging: Staging) -> None:
            for (year,), part in rows.partition_by("year", as_dict=True).items():
                staging.frame("reports", part, year=int(year))

        monkeypatch.setattr(loading, "source", lambda _name: SimpleNamespace(read=read))
        load("comtrade", [], tmp_path)

    return loader


def test_flows_follow_their_reports(put: Loader, tmp_path: Path) -> None:
    put(reports(one("export", "CHN", "DEU", 100.0), one("export", "CHN", "DEU", 80.0, year=2021)))
    first = Warehouse(tmp_path).flows("8528")
    assert first.select("year", "value_usd", "observed").rows() == [
        (2021, 80.0, "exporter"),
        (2022, 100.0, "exporter"),
    ]
    # The importer's report of one year comes later: that year is seen by both, the other stays.
    put(reports(one("import", "DEU", "CHN", 130.0)))
    house = Warehouse(tmp_path)
    later = house.flows("8528")
    assert later["observed"].to_list() == ["exporter", "both"]
    assert 100.0 < later["value_usd"][1] < 130.0
    assert house.table("reports").height == 3
    newest = house.catalog.load_of("comtrade")
    assert newest is not None
    assert newest.good == 1  # derived flows are no rows of the input


def test_a_failing_reconciliation_publishes_nothing(
    put: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(reports(one("export", "CHN", "DEU", 100.0)))

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("offing.warehouse.reconciling.estimate.reconcile_beside", fail)
    with pytest.raises(RuntimeError):
        put(reports(one("export", "CHN", "DEU", 140.0)))
    house = Warehouse(tmp_path)
    assert house.table("reports")["value_usd"].to_list() == [100.0]
    assert house.flows("8528")["value_usd"].to_list() == [100.0]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_shows_and_proves(
    put: Loader,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    lang: str,
) -> None:
    told, _, _ = world(noise=0.4, places=6, products=3)
    put(told)
    line = ["reconcile", "--warehouse", str(tmp_path), "--by", "product", "--lang", lang]
    assert run(line) == 0
    shown = capsys.readouterr().out
    assert "8510" in shown
    assert ("Fitted in 5 folds" if lang == "en" else "九成误差小于") in shown.replace("\n", "")
    assert "{" not in shown


@pytest.mark.parametrize(
    ("options", "key"),
    [
        (["--dataset", "comtrad"], "reconcile.unknown_dataset"),
        (["--proof"], "reconcile.nothing_to_prove"),
    ],
)
def test_what_cannot_be_done_is_said(
    put: Loader,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    key: str,
) -> None:
    put(reports(one("import", "DEU", "CHN", 100.0)))
    assert run(["reconcile", "--warehouse", str(tmp_path), "--json", *options]) == 2
    error = json.loads(capsys.readouterr().err)
    assert error["error"] == key
    assert error["next"]


def distances(folder: Path, km: float, progress: Progress = silent) -> None:
    file = folder.parent / "dist.csv"
    file.write_text(
        "iso_o,iso_d,contig,comlang_off,colony,dist,distw\n"
        f"CHN,DEU,0,0,0,{km},{km}\nDEU,CHN,0,0,0,{km},{km}\n"
    )
    load("distances", [file], folder, progress=progress)


def test_new_distances_make_the_flows_anew(tmp_path: Path) -> None:
    """The margin rests on distance: flows of old distances beside new ones would not agree."""
    source = tmp_path / "r.csv"
    source.write_text(
        "Year,Trade Flow,Reporter ISO,Partner ISO,Commodity Code,Trade Value (US$),Classification\n"
        "2020,Import,DEU,CHN,8528,1000,H5\n2021,Import,DEU,CHN,8528,1000,H5\n"
    )
    house = tmp_path / "w"
    distances(house, 6_000)
    load("comtrade", [source], house, dataset="mine")
    near = Warehouse(house).flows("8528")["value_usd"].to_list()
    distances(house, 12_000)
    far = Warehouse(house).flows("8528")["value_usd"].to_list()
    assert all(b < a for a, b in zip(near, far, strict=True))

    fresh = tmp_path / "fresh"
    distances(fresh, 12_000)
    load("comtrade", [source], fresh, dataset="mine")
    assert far == Warehouse(fresh).flows("8528")["value_usd"].to_list()

    catalog = Warehouse(house).catalog
    newest = catalog.load_of("distances")
    assert newest is not None
    assert [note.key for note in newest.notes] == ["reconcile.note_remade"]
    assert newest.good == 2
    # The flows keep the provenance of their reports, and reports stay as they are.
    of_reports = catalog.load_of("mine")
    assert of_reports is not None
    assert {part.load for part in catalog.parts_of("flows")} == {of_reports.id}
    assert Warehouse(house).table("reports").height == 2
    # A later load sweeps up what is not named any more, and nothing else.
    distances(house, 12_000)
    assert Warehouse(house).flows("8528")["value_usd"].to_list() == far


def test_the_same_reports_again_are_not_read_again(tmp_path: Path) -> None:
    """Another file, another option, other distances or a damaged part: then they are."""
    house, file = tmp_path / "house", tmp_path / "reports.csv"
    head = "period,flowCode,reporterISO,partnerISO,cmdCode,primaryValue\n"
    rows = ["2022,X,CHN,DEU,8528,100", "2022,M,DEU,CHN,8528,130"]

    def loaded(*lines: str, edition: str | None = None) -> bool:
        """Whether it is one load more."""
        file.write_text(head + "\n".join(lines))
        before = Warehouse(house).catalog.next_id
        report = load("comtrade", [file], house, **({"edition": edition} if edition else {}))  # type: ignore[arg-type]
        said = "warehouse.same_load" in [note.key for note in report.load.notes]
        assert said is (Warehouse(house).catalog.next_id == before)
        return not said

    assert loaded(*rows)
    assert not loaded(*rows)
    assert loaded(*rows, edition="2017")
    assert loaded(*rows, "2023,M,DEU,CHN,8528,140")
    assert not loaded(*rows, "2023,M,DEU,CHN,8528,140")
    assert Warehouse(house).years("flows") == [2022, 2023]
    (part,) = [part for part in Warehouse(house).catalog.parts_of("flows") if part.year == 2022]
    (house / part.file).write_bytes(b"damaged")
    assert loaded(*rows, "2023,M,DEU,CHN,8528,140")
    km = tmp_path / "km.csv"
    km.write_text("iso_o,iso_d,dist,contig,comlang_off,colony\nCHN,DEU,7000,0,0,0\n")
    load("distances", [km], house)
    assert loaded(*rows, "2023,M,DEU,CHN,8528,140")
