"""What a browser is sent: compressed, files for ever under their stamp, pages as things are now."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from conftest import EXAMPLE
from offing.web.results import Kept
from web_server import Served, serving


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("OFFING_WAREHOUSE", str(tmp_path / "warehouse"))
    with serving(tmp_path / "home") as served:
        yield served


def with_tv(served: Served, user: str = "owner") -> Path:
    place = served.workbench.studies.new(user, "tv")
    for file in EXAMPLE.iterdir():
        if file.is_file():
            shutil.copy(file, place.folder)
    return place.folder


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


def test_the_room_is_bounded_and_what_was_asked_for_last_stays() -> None:
    shelf = Kept(3)
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name

    for name in ("a", "b", "c", "a", "d", "a", "b"):
        assert shelf.of(name, partial(make, name)) == name
    assert made == ["a", "b", "c", "d", "b"]
