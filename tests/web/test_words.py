"""Pages that ask for a product take words; where several fit, one is chosen with a click."""

import html
import re

import pytest

from web_server import Browser


@pytest.mark.parametrize(("word", "code"), [("电池", "8507"), ("液晶电视机", "8528")])
def test_candidates_are_links_to_the_same_question(browser: Browser, word: str, code: str) -> None:
    shown = browser.get("/ladder", product=word, market="DEU", price="560", lang="zh")
    assert shown.status_code == 400
    links = re.findall(r'href="([^"]*)">(\d{4,6}) ', shown.text.partition('class="choices"')[2])
    link = next(html.unescape(address) for address, one in links if one == code)
    assert "market=DEU" in link
    assert browser.get(link).status_code == 200
