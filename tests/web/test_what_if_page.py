"""The what-if page: worlds side by side, as :func:`offing.whatif` has them, to the digit."""

import html
import json
import pickle
import re
from collections.abc import Iterator
from typing import Any

import pytest

import offing
from conftest import EXAMPLE
from offing.policy.shock_file import read_shock
from offing.terms.plain import plain
from offing.web.jobs import Job, try_worlds
from web_server import Browser, Served

STUDY = EXAMPLE

WORLDS = (
    {"stress": ("port-closed-4",)},
    {"stress": ("rmb-up-10",), "effect": "none", "elasticity": 500.0},
)
Results = tuple[tuple[Any, Any], ...]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Two worlds, as a job hands them back from its own process."""
    from shared_study import shared

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OFFING_WAREHOUSE", str(tmp_path_factory.mktemp("none") / "none"))
        patched.setattr("offing.study.scenario.run_study", shared())
        made = try_worlds(EXAMPLE / "study.toml", WORLDS, None)
    travelled: Results = pickle.loads(pickle.dumps(made))
    return travelled


@pytest.fixture
def done(server: Served, results: Results) -> Iterator[None]:
    jobs = server.workbench.jobs._jobs
    jobs["w"] = Job("w", "owner", "tv", "whatif", state="done", result=results)
    yield
    del jobs["w"]


@pytest.mark.usefixtures("done")
def test_worlds_are_those_of_the_api(
    browser: Browser, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shared_study import shared

    monkeypatch.setattr("offing.study.scenario.run_study", shared())
    answer = offing.whatif(EXAMPLE / "study.toml", stress="port-closed-4")
    twin = browser.get("/what-if.json", study="tv").json()
    assert len(twin["data"]) == len(results) == 2
    assert twin["data"][0] == json.loads(json.dumps(plain(answer.data())))


@pytest.mark.usefixtures("done")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_worlds_stand_side_by_side_and_one_in_full(
    browser: Browser, results: Results, lang: str
) -> None:
    shown = browser.get("/what-if", study="tv", world="2", lang=lang)
    assert shown.status_code == 200
    changes = [result.what_if for result, _ in results]
    names = [change.title(lang) for change in changes if change is not None]
    assert len(names) == len(results)
    beside = browser.get("/what-if.csv", study="tv", table="worlds", lang=lang).text
    for name in names:
        assert name in html.unescape(shown.text)
        assert name in beside
    assert "500" in html.unescape(shown.text), (
        "an elasticity that no estimate has is doubted here too"
    )
    (here,) = re.findall(r'world=(\d)"[^>]*aria-current="true"', shown.text)
    assert here == "2"
    assert "--explain" not in shown.text, "a page names no option of the command line"
    ids = re.findall(r' id="([^"]+)"', shown.text)
    assert len(ids) == len(set(ids))


def test_it_runs_as_a_job_that_can_be_stopped(server: Served, browser: Browser) -> None:
    begun = browser.post("/what-if/begin", None, study="tv", **{"first-1": "rmb-up-10"})
    assert "<progress" in begun.text
    assert begun.url.params["first-1"] == "rmb-up-10", "the address says what was asked"
    told = browser.get("/what-if/progress", study="tv").json()
    assert told["state"] == "running"
    browser.post("/what-if/stop", study="tv")
    job = server.workbench.jobs.of("owner", "tv", "whatif")
    assert job is not None
    assert job.state == "stopped"
    assert "<table" not in browser.get("/what-if", study="tv").text


OWN = {
    "own.shock.name": "墨西哥加税", "own.duty.importer": "墨西哥", "own.duty.rate": "35%",
    "own.freight.change": "-20%", "own.freight.markets": "Germany、USA",
}  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_world_of_ones_own_is_named_kept_and_worked_out(
    browser: Browser, server: Served, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = browser.example()
    shown = browser.post("/what-if/add", None, study=study, lang=lang, **OWN)
    assert shown.status_code == 200
    place = server.workbench.studies.named("owner", study)
    (file,) = place.folder.glob("what-if-*.toml")
    shock = read_shock(file)
    assert shock.title == "墨西哥加税"
    (duty,), (freight,) = shock.file.duty, shock.file.freight
    assert (duty.importer, duty.origins, duty.rate) == ("MEX", ["CHN"], 0.35)
    assert (freight.change, freight.markets) == (-0.2, ["DEU", "USA"])
    assert f'value="{file.name}" selected' in shown.text, "it is chosen at once"
    assert "key.own" not in shown.text, "each field has its words"
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        server.workbench.jobs, "begin", lambda *given: asked.extend(w["stress"] for w in given[5])
    )
    browser.post("/what-if/begin", None, study=study, **{"first-1": file.name})
    assert asked == [(str(file),)]
    browser.post("/what-if/forget", None, study=study, name=file.name)
    assert not file.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"own.duty.rate": "35"}, "35"),
        ({name: "" for name in OWN if name != "own.shock.name"}, "at least one thing"),
    ],
)
def test_a_world_that_cannot_be_is_refused_and_what_was_typed_stays(
    browser: Browser, server: Served, typed: dict[str, str], said: str
) -> None:
    study = browser.example()
    shown = browser.post("/what-if/add", None, study=study, **OWN | typed)
    assert shown.status_code == 400
    text = html.unescape(shown.text.partition('role="alert"')[2].partition("</section>")[0])
    assert said in text
    assert 'value="-20%"' in shown.text or not typed.get("own.freight.change", "-20%")
    folder = server.workbench.studies.named("owner", study).folder
    assert not [*folder.glob("what-if-*"), *folder.glob("*.part")]
