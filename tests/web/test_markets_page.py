"""The markets page: the map, and markets side by side as the API says them one by one."""

import json
from typing import Any

import pytest

import offing
from conftest import EXAMPLE
from offing.rules.rule_use import cite_sources
from offing.terms.plain import plain
from web_server import Browser, Served

STUDY = EXAMPLE

ASKED = {"product": "8528", "origin": "CHN", "horizon": "2", "as_of": "2023"}
BOTH = ["DEU", "USA"]


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(cite_sources(plain(value))))


def compared(browser: Browser, name: str, **query: Any) -> Any:
    return browser.http.get(f"/{name}", params={**ASKED, "compare": BOTH, **query})


def test_the_ranking_is_that_of_the_api(browser: Browser) -> None:
    twin = browser.get("/markets.json", **ASKED).json()["data"]
    answer = offing.markets("8528", "CHN", horizon=2, as_of=2023)
    assert twin == as_json(answer.data())


def test_markets_side_by_side_are_those_of_the_api(server: Served, browser: Browser) -> None:
    found = compared(browser, "markets.json", study="tv").json()["data"]["compare"]
    assert list(found) == BOTH
    file = server.workbench.studies.named("owner", "tv").file
    for market, said in found.items():
        assert said["ladder"] == as_json(offing.ladder("8528", market).data())
        quoted = offing.quote(destination=market, of="8528", study=file)
        assert said["quote"] == as_json(quoted.data())
        if market == "USA":  # only part of the heading's lines bear the additional duty
            with pytest.raises(offing.OffingError) as caught:
                offing.law(market, code="8528", origin="CHN")
            assert said["requirements"] is None
            assert said["reasons"] == [caught.value.found]
        else:
            law = offing.law(market, code="8528", origin="CHN")
            assert said["requirements"] == as_json(law.data())["requirements"]
            assert said["reasons"] == []
        assert said["segment"]["market"] == market
