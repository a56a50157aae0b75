"""The pages of markets and of a ladder: the map, the API's answers to the digit, the handle."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import offing
from conftest import EXAMPLE
from offing.rules.rule_use import cite_sources
from offing.study.file import read_study
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


PRICED = {"product": "8528", "market": "DEU", "price": "560"}
MODEL = "8528"
"""Of the museum's study."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def file_of(server: Served) -> Path:
    return server.workbench.studies.named("owner", "tv").file


def test_a_model_at_that_price_is_what_the_api_says(server: Served, browser: Browser) -> None:
    twin = browser.get("/ladder.json", study="tv", of=MODEL, **PRICED).json()
    laid = offing.ladder("8528", "DEU", price=560.0)
    answer = offing.price(MODEL, "DEU", study=file_of(server), at=560.0, level=laid.ladder.basis)
    told = twin["data"].pop("of_model")
    assert told == json.loads(json.dumps(plain(answer.data())))
    assert told["at_usd"] < 560, "freight is taken off on the way to FOB"
    assert twin["data"] == json.loads(json.dumps(plain(laid.data())))


def test_a_price_of_a_piece_on_a_ladder_per_kg_is_brought_to_it_by_the_model_s_weight(
    server: Served, browser: Browser
) -> None:
    """80 for a piece of 8.2 kg was placed as 80 a kilogram."""
    asked = PRICED | {"unit": "kg", "per": "item"}
    (model,) = [one for one in read_study(file_of(server)).model if one.key == MODEL]
    laid = offing.ladder("8528", "DEU", price=560 / float(model.kg), unit="kg")
    answer = offing.price(MODEL, "DEU", study=file_of(server), at=560.0, level=laid.ladder.basis)
    twin = browser.get("/ladder.json", study="tv", of=MODEL, **asked).json()["data"]
    told = twin.pop("of_model")
    assert told["at_usd"] == pytest.approx(answer.data()["at_usd"])
    assert twin == json.loads(json.dumps(plain(laid.data())))
    shown = browser.get("/ladder", study="tv", of=MODEL, **asked).text
    assert f"At {model.kg} kg a piece" in shown
    alone = browser.get("/ladder", study="tv", **asked).text
    assert "choose the model, whose weight joins the two" in alone


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "units in the first year"), ("zh", "预计首年销量")]
)
def test_units_and_contribution_stand_beside_the_handle(
    browser: Browser, lang: str, said: str
) -> None:
    shown = browser.get("/ladder", study="tv", of=MODEL, lang=lang, **PRICED)
    assert shown.status_code == 200
    answer = shown.text.partition('id="answer"')[2]
    assert said in answer.partition("<figure")[0], "before the pictures"
    assert "hidden" in shown.text.partition("data-handle")[2].partition(">")[0], "until it works"
    assert "--explain" not in answer


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_the_handle_moves_by_the_keyboard(server: Served) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 390, "height": 844})
        page.goto(f"{server.base}/ladder?product=8528&market=DEU&price=560&lang=en")
        handle = page.get_by_role("slider")
        handle.focus()
        before = page.locator("#answer").inner_text()
        for _ in range(20):
            page.keyboard.press("ArrowLeft")
        assert float(page.locator("#f-price").input_value()) < 560
        page.wait_for_url(lambda url: "price=560" not in url)
        after = page.locator("#answer").inner_text()
        assert after != before
        price = page.locator("#f-price").input_value()
        assert f"USD {price}" in after or price in after
        assert page.evaluate("document.activeElement.id") == "handle", "it can be moved on"
        chromium.close()
