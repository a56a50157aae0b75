"""Pages that ask for a product take words; where several fit, one is chosen with a click."""

import html
import re

import pytest

from web_server import Browser

QUOTE = {"destination": "DEU", "price": "560 USD", "cost": "3150 CNY", "quantity": "300",
         "on": "2024-12-31"}  # fmt: skip


def test_a_word_is_a_product(browser: Browser) -> None:
    by_word = browser.get("/ladder.json", product="电视机", market="德国", price="560").json()
    by_code = browser.get("/ladder.json", product="8528", market="DEU", price="560").json()
    assert by_word["data"] == by_code["data"]


@pytest.mark.parametrize(("word", "code"), [("电池", "8507"), ("液晶电视机", "8528")])
def test_candidates_are_links_to_the_same_question(browser: Browser, word: str, code: str) -> None:
    shown = browser.get("/ladder", product=word, market="DEU", price="560", lang="zh")
    assert shown.status_code == 400
    links = re.findall(r'href="([^"]*)">(\d{4,6}) ', shown.text.partition('class="choices"')[2])
    link = next(html.unescape(address) for address, one in links if one == code)
    assert "market=DEU" in link
    assert browser.get(link).status_code == 200


def test_tariff_lines_are_chosen_with_a_click_the_televisions_first(browser: Browser) -> None:
    shown = browser.get("/quote", product="电视机", lang="zh", **QUOTE)
    offered = shown.text.partition('class="choices"')[2].partition("</ul>")[0]
    codes = re.findall(r">(85\d{6,8})  ", offered)
    assert codes[0].startswith("852872")
    assert "85284200" not in codes[:4]
    link = re.findall(r'href="([^"]*code=85287240[^"]*)"', offered)[0]
    assert browser.get(html.unescape(link)).status_code == 200
