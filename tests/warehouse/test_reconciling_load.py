"""Reports that are loaded become flows in the same step; the command shows and proves them."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest

import offing
from offing.cli.app import run
from offing.sources.about import source
from offing.sources.staging import Progress, Staging, silent
from offing.warehouse import Warehouse, load, loading
from offing.warehouse.reconciling import mirror
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

    monkeypatch.setattr("offing.warehouse.reconciling.estimate.fit_margin", fail)
    with pytest.raises(RuntimeError):
        put(reports(one("export", "CHN", "DEU", 140.0)))
    house = Warehouse(tmp_path)
    assert house.table("reports")["value_usd"].to_list() == [100.0]
    assert house.flows("8528")["value_usd"].to_list() == [100.0]


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
        said = "warehouse.in_already" in [note.key for note in report.load.notes]
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


def year_file(folder: Path, year: int, seed: int, rows: float = 1.0) -> Path:
    """Comtrade's rows of a year, one of them of a country that nobody knows."""
    told = world(margin=0.08, noise=0.2, places=6, products=4, years=1, seed=seed)[0]
    names = dict(zip(sorted(told["reporter"].unique()), NAMES, strict=True))
    folder.mkdir(exist_ok=True)
    file = folder / f"{year}.csv"
    told.sample(fraction=rows, seed=1).select(
        period=pl.lit(year),
        flowCode=pl.col("direction").replace_strict({"import": "M", "export": "X"}),
        reporterISO=pl.col("reporter").replace_strict(names),
        partnerISO=pl.col("partner").replace_strict(names),
        cmdCode="product",
        primaryValue="value_usd",
        netWgt="kg",
    ).write_csv(file)
    with file.open("a") as more:
        more.write(f"{year},M,DEU,NOWHERE,8510,1,1\n")
    return file


NAMES = ["CHN", "DEU", "USA", "JPN", "FRA", "GBR"]


def held(folder: Path) -> dict[str, object]:
    """What a warehouse of reports holds: rows, and what was put aside of which file."""
    house = Warehouse(folder)
    aside = [pl.read_csv(file) for file in sorted(folder.glob("quarantine/*/*.csv"))]
    told = pl.concat(aside).with_columns(pl.col("file").str.split("/").list.last())
    return {
        "reports": house.table("reports").sort(pl.all()).rows(),
        "flows": house.table("flows").sort("year", "product", "importer", "exporter").rows(),
        "aside": sorted(told.unique().rows()),
    }


def flow_files(folder: Path) -> dict[int | None, str]:
    return {part.year: part.file for part in Warehouse(folder).catalog.parts_of("flows")}


@pytest.fixture
def large_years(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Files of four years: two with pairs enough for a fit of their own, two with few."""
    monkeypatch.setattr(mirror, "ALONE", 60)
    for seed, (year, rows) in enumerate({2019: 1.0, 2020: 0.4, 2021: 1.0, 2022: 0.4}.items()):
        year_file(tmp_path / "files", year, seed, rows)
    return tmp_path / "files"


def test_what_is_new_is_added(large_years: Path, tmp_path: Path) -> None:
    """In any order, in one load or several: the same rows; only what shares a fit is made."""
    whole, added = tmp_path / "whole", tmp_path / "added"
    load("comtrade", [large_years], whole)
    every = flow_files(whole)
    assert len(Warehouse(whole).catalog.loads) == 3
    for year in (2022, 2021, 2020):
        load("comtrade", [large_years / f"{year}.csv"], added)
    before = flow_files(added)
    assert before[2022] > before[2021]  # made again with the other small year, 2021 was not
    made = load("comtrade", [large_years], added)
    assert {note.key: note.values for note in made.load.notes}["warehouse.in_already"] == {
        "count": 3
    }
    assert made.tables["reports"] == Warehouse(added).catalog.load_of("comtrade").good  # type: ignore[union-attr]
    assert held(added) == held(whole)
    after = flow_files(added)
    assert {year for year in after if after[year] != before.get(year)} == {2019}
    assert every.keys() == after.keys()


def test_a_load_of_reports_that_is_stopped_goes_on(
    large_years: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, seen = source("comtrade"), list[str]()

    def read(paths: list[Path], staging: Staging, **options: str) -> None:
        seen.append(paths[0].name)
        if len(seen) == 4:
            raise KeyboardInterrupt
        reader.read(paths, staging, **options)

    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    load("comtrade", [large_years], whole)
    faked = SimpleNamespace(ABOUT=reader.ABOUT, read=read)
    monkeypatch.setattr(loading, "source", lambda _: faked)
    with pytest.raises(KeyboardInterrupt):
        load("comtrade", [large_years], stopped)
    assert Warehouse(stopped).years("flows") == [2019, 2020, 2021]
    load("comtrade", [large_years], stopped)
    assert seen[4:] == ["2022.csv"]
    assert held(stopped) == held(whole)


def test_files_that_share_a_year_are_read_together(large_years: Path, tmp_path: Path) -> None:
    """A row that stands in both is put aside, as in a load of both."""
    file = large_years / "2019.csv"
    (large_years / "2023.csv").write_text("\n".join(file.read_text().splitlines()[:9]))
    made = load("comtrade", [large_years], tmp_path / "house")
    assert made.load.quarantined["sources.twice"] == 8
    assert len(Warehouse(tmp_path / "house").catalog.parts_of("reports")) == 4


def test_reports_of_ones_own(tmp_path: Path) -> None:
    """From a frame or a file: the flows that a load makes of them, in a frame of the kind given."""
    file = year_file(tmp_path / "files", 2021, 3)
    load("comtrade", [file], tmp_path / "house")
    house = Warehouse(tmp_path / "house")
    own = tmp_path / "own.csv"
    house.table("reports").write_csv(own)
    order = ["product", "importer", "exporter"]
    loaded = house.table("flows").sort(order)
    for given in (house.table("reports"), own):
        made = offing.reconcile(reports=given)
        assert made.flows.sort(order).equals(loaded)
        assert made.reconciled.counts == offing.reconcile(warehouse=house).reconciled.counts
    assert isinstance(
        offing.reconcile(reports=house.table("reports").to_pandas()).flows, pd.DataFrame
    )
    assert run(["reconcile", "--reports", "s3a://trade/reports"]) == 2
