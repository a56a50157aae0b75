"""Answers that are shown again: never another user's, never of old data or an old study."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from starlette.responses import HTMLResponse

from conftest import EXAMPLE
from offing.web.again import KeptAnswer
from offing.web.pages import pages
from offing.web.results import Kept
from web_server import Browser, Served, serving

MONTHS = Path(__file__).resolve().parents[2] / "docs/tutorials/data/finance-months.csv"
LAW = {"country": "DEU", "on": "2024-12-31"}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("OFFING_WAREHOUSE", str(tmp_path / "warehouse"))
    with serving(tmp_path / "home") as served:
        yield served


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("again"), users=("anna", "bo")) as served:
        yield served


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often an answer was really made."""
    made: list[str] = []
    original = KeptAnswer.of

    def counted(response: HTMLResponse, noted: Sequence[tuple[str, str]] = ()) -> KeptAnswer:
        made.append(response.media_type or "")
        return original(response, noted)

    monkeypatch.setattr(KeptAnswer, "of", counted)
    return made


def with_tv(served: Served, user: str = "owner") -> Path:
    place = served.workbench.studies.new(user, "tv")
    for file in EXAMPLE.iterdir():
        if file.is_file():
            shutil.copy(file, place.folder)
    return place.folder


def test_a_page_is_made_once_and_then_shown_again(own: Served, count: list[str]) -> None:
    browser = own.browser()
    browser.get("/")
    first, second = browser.get("/law", **LAW), browser.get("/law", **LAW)
    assert first.text == second.text
    assert first.headers["cache-control"] == "private, no-cache"
    assert len(count) == 1
    assert browser.get("/law", **LAW, lang="zh").text != first.text
    assert browser.get("/law", country="DEU", on="2024-12-30").text != first.text
    assert len(count) == 3


def test_who_has_it_is_sent_nothing(own: Served) -> None:
    browser = own.browser()
    browser.get("/")
    sign = browser.get("/law", **LAW).headers["etag"]
    again = browser.http.get("/law", params=LAW, headers={"if-none-match": sign})
    assert (again.status_code, again.content) == (304, b"")
    other = browser.http.get("/law", params=LAW, headers={"if-none-match": 'W/"other"'})
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["/", "/law?country=DEU", "/static/blocks.css", "/data.json"])
def test_pages_and_files_are_sent_compressed_to_who_can_unpack(own: Served, path: str) -> None:
    raw: dict[str, httpx.Response] = {}
    for coding in ("gzip", "identity"):
        with httpx.Client(base_url=own.base) as http:
            http.headers["accept-encoding"] = coding
            raw[coding] = http.get(path)
    assert raw["gzip"].headers["content-encoding"] == "gzip"
    assert "content-encoding" not in raw["identity"].headers
    assert int(raw["gzip"].headers["content-length"]) < len(raw["identity"].content)


def test_a_file_is_kept_for_ever_only_under_its_stamp(own: Served) -> None:
    page = own.browser().get("/").text
    stamped = page.split('href="/static/workbench.css?v=')[1].split('"')[0]
    with httpx.Client(base_url=own.base) as http:
        lasting = http.get("/static/workbench.css", params={"v": stamped})
        other = http.get("/static/workbench.css", params={"v": "0"})
        bare = http.get("/static/workbench.css")
        sign = {"if-none-match": bare.headers["etag"]}
        assert http.get("/static/workbench.css", headers=sign).status_code == 304
    assert "immutable" in lasting.headers["cache-control"]
    assert {other.headers["cache-control"], bare.headers["cache-control"]} == {"no-cache"}


def test_new_data_are_shown_at_once(own: Served, tmp_path: Path, count: list[str]) -> None:
    from offing.warehouse.store import starter_folder

    browser = own.browser()
    browser.get("/")
    before = browser.get("/data.json").json()
    assert before["data"]["starter"] is True
    assert browser.get("/data.json").json() == before
    assert len(count) == 1
    shutil.copytree(starter_folder(), tmp_path / "warehouse")
    assert browser.get("/data.json").json()["data"]["starter"] is False


def test_a_changed_study_is_shown_at_once(own: Served, count: list[str]) -> None:
    folder, browser = with_tv(own), own.browser()
    browser.get("/")
    query = {"study": "tv", "of": "", "destination": "DEU"}
    first = browser.get("/quote", **query).text
    assert browser.get("/quote", **query).text == first
    assert len(count) == 1
    file = folder / "study.toml"
    file.write_text(file.read_text("utf-8").replace("Haichuan", "Binhai"), encoding="utf-8")
    browser.get("/quote", **query)
    assert len(count) == 2
    (folder / "more.toml").write_text("# a rule file that came\n", encoding="utf-8")
    browser.get("/quote", **query)
    assert len(count) == 3


def test_a_new_plan_is_shown_at_once(own: Served, finished: Path) -> None:
    folder, browser = with_tv(own), own.browser()
    browser.get("/")
    without = browser.get("/plan", study="tv").text
    assert without == browser.get("/plan", study="tv").text
    shutil.copytree(finished, folder / "results")
    with_plan = browser.get("/plan", study="tv").text
    assert 'id="answer"' in with_plan
    file = folder / "study.toml"
    file.write_text(file.read_text("utf-8") + "\n# changed\n", encoding="utf-8")
    assert browser.get("/plan", study="tv").text != with_plan, "it says that the plan is of another"


def elsewhere(folder: Path) -> Path:
    """The example outside the workbench, its ledger in a folder of its own."""
    (folder / "firm").mkdir()
    (folder / "books").mkdir()
    shutil.copy(EXAMPLE / "ledger.csv", folder / "books")
    study = folder / "firm" / "study.toml"
    text = (EXAMPLE / "study.toml").read_text("utf-8")
    study.write_text(text.replace('"ledger.csv"', '"../books/ledger.csv"'), encoding="utf-8")
    return study


def test_a_study_that_lies_elsewhere_is_read_anew_with_its_ledger(
    tmp_path: Path, count: list[str]
) -> None:
    study, books = elsewhere(tmp_path), tmp_path / "books" / "ledger.csv"
    with serving(tmp_path / "home", study=study) as served:
        browser = served.browser()
        browser.get("/")
        for path in ("/quote", "/ledger"):
            query = {"study": "firm", "destination": "DEU"}
            first = browser.get(path, **query)
            assert first.status_code == 200
            assert browser.get(path, **query).text == first.text
            assert len(count) == 1
            lines = books.read_text("utf-8").splitlines(keepends=True)
            books.write_text("".join(lines[:-1]), encoding="utf-8")
            changed = browser.get(path, **query).text
            assert (changed == first.text) is (path == "/quote")
            assert len(count) == 2
            count.clear()


class TestTwoUsers:
    def test_the_same_page_is_made_for_each(self, department: Served, count: list[str]) -> None:
        anna, bo = department.browser("anna"), department.browser("bo")
        for page in pages():
            if page.rests_on is None or page.needs_study:
                continue
            hers, his = anna.get(page.address).text, bo.get(page.address).text
            assert anna.mark in hers or "csrf" not in hers
            assert anna.mark not in his
            count.clear()
            assert anna.get(page.address).text == hers
            assert bo.get(page.address).text == his
            assert count == []

    def test_studies_of_one_name_are_two(self, department: Served, finished: Path) -> None:
        anna, bo = _browser(department, "anna"), _browser(department, "bo")
        shutil.copytree(finished, with_tv(department, "anna") / "results")
        with_tv(department, "bo")
        for path in ("/plan", "/plan.json"):
            hers, his = anna.get(path, study="tv").text, bo.get(path, study="tv").text
            assert hers != his
            assert "Haichuan" not in his

    def test_a_kept_page_is_no_way_in(self, department: Served) -> None:
        anna = _browser(department, "anna")
        sign = anna.get("/law", **LAW).headers["etag"]
        stranger = department.browser().http
        for headers in ({}, {"if-none-match": sign}):
            shown = stranger.get("/law", params=LAW, headers=headers)
            assert shown.status_code == 401
            assert shown.headers["cache-control"] == "no-store"

    def test_whoever_reads_a_ledger_is_noted_each_time(
        self, department: Served, count: list[str]
    ) -> None:
        anna, log = _browser(department, "anna"), department.workbench.audit
        with_tv(department, "anna")
        study = department.studies("anna")[-1]
        count.clear()
        sign = anna.get("/ledger", study=study).headers["etag"]
        anna.get("/ledger", study=study)
        headers = {"if-none-match": sign}
        again = anna.http.get("/ledger", params={"study": study}, headers=headers)
        assert again.status_code == 304
        assert len(count) == 1
        noted = [e for e in log.entries() if e.act == "read ledger" and e.study == study]
        assert [(e.user, e.about) for e in noted] == [("anna", "ledger.csv")] * 3

    def test_a_new_study_stands_on_the_first_page_at_once(self, department: Served) -> None:
        anna, bo = _browser(department, "anna"), _browser(department, "bo")
        before, his = anna.get("/").text, bo.get("/").text
        study = anna.example("battery-maker")
        assert f"study={study}" in anna.get("/").text
        assert anna.get("/").text != before
        assert bo.get("/").text == his
        anna.post("/start/remove", study=study)
        assert f"study={study}" not in anna.get("/").text


def _browser(served: Served, user: str) -> Browser:
    """A further browser of a user whose token was shown before."""
    token = served.workbench.sessions.fresh[user]
    browser = Browser(served.base, token)
    served.browsers.append(browser)
    return browser


def test_the_room_is_bounded_and_what_was_asked_for_last_stays() -> None:
    shelf = Kept(1000, len)
    for n in range(10):
        shelf.put(n, bytes(100))
    shelf.get(0)
    shelf.put(10, bytes(100))
    shelf.put(10, bytes(100))
    assert shelf.get(0) is not None
    assert shelf.get(1) is None
    assert shelf.get(2) is not None
    shelf.put("large", bytes(200))
    assert shelf.get("large") is None
