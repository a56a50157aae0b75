"""The plan page says what the report says, to the digit, in page, JSON and CSV alike."""

import csv
import html
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLE
from offing.study.manifest import sha256_of
from offing.study.reoptimise import Switchable, revise_plan
from offing.study.result import from_json
from offing.terms.messages import say, using_language
from offing.terms.plain import plain
from offing.web.jobs import Job
from web_server import Browser, Served, put_study, serving

Tables = dict[str, list[list[str]]]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with a line so short that it moves what it makes, on any odds."""
    folder = tmp_path_factory.mktemp("short") / "tv"
    shutil.copytree(EXAMPLE, folder)
    text = (folder / "study.toml").read_text("utf-8")
    assert "hours = 130_000" in text
    short = text.replace("hours = 130_000", "hours = 95_000")
    short = short.replace("[limits]\n", "[limits]\nlikelier_than = 0.5\n")
    (folder / "study.toml").write_text(short, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def finished(study: Path) -> Path:
    """Its results, in English, on the starter world."""
    from offing.cli.app import run as offing
    from shared_study import shared

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OFFING_WAREHOUSE", str(study.parent / "no-warehouse"))
        patched.setattr("offing.study.run.run_study", shared())
        assert offing(["run", str(study / "study.toml"), "--out", str(study.parent / "out")]) == 0
    return study.parent / "out"


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, study: Path, finished: Path
) -> Iterator[Served]:
    """A workbench with the study, run."""
    with serving(tmp_path_factory.mktemp("plan")) as served:
        put_study(served, study, finished)
        yield served


@pytest.fixture
def browser(server: Served) -> Browser:
    return server.browser()


def shown(text: str) -> Tables:
    """The tables of a page by their ids: the cells' texts."""
    found: Tables = {}
    text = re.sub(r"<button.*?</button>", "", text)  # beside a term that is met first
    for table in re.findall(r"<table>(.*?)</table>", text, re.DOTALL):
        name = re.search(r'<caption id="([^"]+)"', table)
        assert name is not None
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
        cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
        found[name[1]] = [[html.unescape(cell) for cell in row] for row in cells]
    return found


def told(blocks: list[dict[str, Any]]) -> Tables:
    """The tables of a JSON twin."""
    found: Tables = {}
    for block in blocks:
        if block["kind"] == "table":
            total = [block["total"]] if block["total"] else []
            found[block["id"]] = [block["columns"], *block["rows"], *total]
        found |= told(block.get("told", []))
        for figure in block.get("figures", []):
            found |= told([{"kind": "table", **table} for table in figure["tables"]])
    return found


def parts(browser: Browser) -> list[str]:
    return re.findall(r"[?&]part=([\w-]+)", html.unescape(browser.get("/plan", study="tv").text))


def test_the_report_s_numbers_are_the_workbench_s(browser: Browser, finished: Path) -> None:
    report = shown((finished / "report.html").read_text("utf-8"))
    pages: Tables = {}
    for part in dict.fromkeys(parts(browser)):
        pages |= shown(browser.get("/plan", study="tv", part=part).text)
    assert len(report) > 20
    assert {name: pages.get(name) for name in report} == report


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_page_json_and_csv_are_one_answer(browser: Browser, lang: str) -> None:
    for part in dict.fromkeys(parts(browser)):
        query = {"study": "tv", "part": part, "lang": lang}
        page = shown(browser.get("/plan", **query).text)
        twin = browser.get("/plan.json", **query).json()
        assert twin["language"] == lang
        tables = told(twin["told"])
        # The picture of the first screen is the template's; all else is told.
        assert {name: page[name] for name in tables} == tables
        assert set(page) - set(tables) <= {"today-plan-table"}
        for name, rows in list(tables.items())[:1]:
            text = browser.get("/plan.csv", **query, table=name).content.decode("utf-8-sig")
            assert list(csv.reader(io.StringIO(text))) == rows


def test_files_of_the_results(browser: Browser, finished: Path) -> None:
    for name in ("report.html", "plan.xlsx", "result.json"):
        got = browser.get("/plan/file", study="tv", name=name)
        assert got.content == (finished / name).read_bytes()
        assert got.headers["content-disposition"].startswith("attachment")
    for name in ("manifest.json", "../study.toml", "", "/etc/passwd"):
        assert browser.get("/plan/file", study="tv", name=name).status_code == 404


@pytest.fixture(scope="module")
def switchable(study: Path) -> Switchable:
    """The same plan, solved, as a job hands it to the server."""
    from offing.api.asking import open_warehouse
    from offing.study.inputs import read_inputs
    from shared_study import shared

    file = study / "study.toml"
    made, _ = shared()(read_inputs(file, open_warehouse(None)))
    return Switchable.of(made, sha256_of(file))


def test_moves_are_switched_off(server: Served, switchable: Switchable, finished: Path) -> None:
    browser, first = server.browser(), switchable.solved.moves[0]
    key = f"{first.model}.{first.market}"
    before = browser.get("/plan", study="tv", without=key).text
    assert "Make ready" in before, "after a start of the server the plan is not at hand"
    server.workbench.jobs._jobs["x"] = Job(
        "x", "owner", "tv", "ready", state="done", result=switchable
    )
    page = browser.get("/plan", study="tv", without=key)
    assert page.status_code == 200
    assert "Without this move" in page.text
    assert re.search(rf'value="{re.escape(key)}"[^>]* checked', page.text)
    twin = browser.get("/plan.json", study="tv", without=key).json()
    assert twin["data"]["without"] == [key]
    assert told(twin["told"])["remade"] == shown(page.text)["remade"]
    nothing = browser.get("/plan", study="tv", without="no.such").text
    assert "Without this move" not in nothing


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_points_of_the_frontier_are_choices(
    server: Served, switchable: Switchable, finished: Path, lang: str
) -> None:
    """Each says what the report's risk part says of it; one that is chosen is planned anew."""
    server.workbench.jobs._jobs["x"] = Job(
        "x", "owner", "tv", "ready", state="done", result=switchable
    )
    result = from_json((finished / "result.json").read_text("utf-8"))
    assert result.risk is not None
    points = {point.name: point for point in result.risk.points}
    page = html.unescape(server.browser().get("/plan", study="tv", lang=lang).text)
    values = re.findall(r'type="radio" name="risk" value="([\w.]+)"[^>]*?( checked)?>', page)
    assert points["0.75"].mean_cny == points["bold"].mean_cny
    assert [name for name, _ in values] == ["careful", "0.25", "middle", "bold"], "each plan once"
    assert f'max="{len(values) - 1}"' in page, "the handle steps through them"
    assert [name for name, checked in values if checked] == ["bold"]
    twin = server.browser().get("/plan.json", study="tv", risk="careful", lang=lang).json()
    least = points["careful"].worst_cny
    assert twin["data"]["least_worst_cny"] == least
    assert twin["data"]["remade"] == json.loads(
        json.dumps(plain(revise_plan(switchable, [], least)))
    )
    assert twin["data"]["remade"]["remade"]["worst"] == pytest.approx(least, rel=1e-3)
    anew = server.browser().get("/plan", study="tv", risk="careful", lang=lang).text
    assert say_in("moves.bound_heading", lang) in html.unescape(anew)
    assert re.search(r'value="careful"[^>]* checked', anew)
    plain_twin = server.browser().get("/plan.json", study="tv", risk="bold").json()["data"]
    assert plain_twin["remade"] is None, "that is the plan itself"


def say_in(key: str, lang: Any) -> str:
    with using_language(lang):
        return say(key)


def test_the_first_page_shows_the_plan_s_picture(browser: Browser) -> None:
    home = html.unescape(browser.get("/").text)
    picture = re.search(r'<img src="(/plan\.chart[^"]+)"', home)
    assert picture is not None
    shown = browser.http.get(picture[1])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/svg+xml")
    assert "href=" not in shown.text, "a picture alone has no rows to lead to"
    assert "today → 20" in home


def test_every_chart_and_the_plan_are_pictures_to_hand_on(server: Served, browser: Browser) -> None:
    page = html.unescape(browser.get("/plan", study="tv", part="outlook").text)
    links = re.findall(r'href="(/plan\.chart[^"]+)"', page)
    assert len(links) >= 2
    for link in links[:2]:
        kind = link.partition("as=")[2][:3]
        start = {"svg": b"<svg", "png": b"\x89PNG"}[kind]
        assert browser.http.get(link).content.startswith(start), link
    assert browser.get("/plan.chart", study="tv", figure="today-plan").status_code == 200
    assert browser.get("/plan.chart", study="tv", figure="none").status_code == 404
    bare, named = (
        browser.get("/plan/paper", study="tv", kind="png", names=n).content for n in ("", "1")
    )
    assert bare.startswith(b"\x89PNG")
    assert bare != named
    for kind, start in (("pdf", b"%PDF"), ("docx", b"PK")):
        assert browser.get("/plan/paper", study="tv", kind=kind).content.startswith(start)
    assert browser.get("/plan/paper", study="tv", kind="exe").status_code == 404
