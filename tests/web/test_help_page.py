"""Help: a “?” beside the field's words, a guide for each page, one search over all there is."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from offing.report.layout import Glossed, glossary
from offing.terms.messages import LANGUAGES, Language, using_language
from offing.web.pages import pages
from offing.web.pages.help import guides
from web_server import EXAMPLES, Browser

STUDY = EXAMPLES / "tv-maker"

GUIDES = sorted(guides("en"))


def found(browser: Browser, words: str, lang: Language) -> list[tuple[str, str]]:
    told = browser.get("/help.json", q=words, lang=lang).json()["data"]["found"]
    return [(one["kind"], one["title"]) for one in told]


@pytest.mark.parametrize(
    ("words", "lang", "kind", "title"),
    [
        ("landed cost", "en", "word", "landed cost"),
        ("到岸总成本", "zh", "word", "到岸总成本"),
        ("Germany", "en", "country", "Germany"),
        ("越南", "zh", "country", "越南"),
        ("Ladder", "en", "page", "Ladder"),
        ("vacuum flask", "en", "code", "961700"),
        ("电视机", "zh", "code", "852872"),
        ("hedge a book of deals", "en", "guide", "Choose the invoice currency and the hedge"),
        ("抽签 展会", "zh", "guide", "选择支持哪些展会"),
    ],
)
def test_one_search_finds(
    browser: Browser, words: str, lang: Language, kind: str, title: str
) -> None:
    told = [name for what, name in found(browser, words, lang) if what == kind]
    assert any(name.startswith(title) for name in told[:5]), told


def test_every_page_has_a_guide_and_links_to_it(browser: Browser) -> None:
    assert {page.name for page in pages() if f"how-to/{page.guide}" not in guides("zh")} == set()
    for page in pages():
        if not page.needs_study:
            text = browser.get(page.address, lang="en").text
            assert f"page=how-to%2F{page.guide}" in text, page.name


@pytest.mark.parametrize("name", GUIDES)
def test_every_link_of_a_guide_leads_somewhere(browser: Browser, name: str) -> None:
    for lang in LANGUAGES:
        text = browser.get("/help", page=name, lang=lang).text
        for target in re.findall(r'(?:href|src)="(/help[^"]*)"', text.partition("<article")[2]):
            url = urlsplit(unescape(target))
            query = {key: value[0] for key, value in parse_qs(url.query).items()}
            there = browser.get(url.path, **query)
            assert there.status_code == 200, (name, target)
            assert not url.fragment or f'id="{url.fragment}"' in there.text, (name, target)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_term_has_a_sign_once_that_opens_its_line(browser: Browser, lang: Language) -> None:
    word = {"en": "Landed cost", "zh": "到岸总成本"}[lang]
    with using_language(lang):
        gloss = Glossed()
        first, again = gloss(f"{word} <b>"), gloss(word)
        assert gloss("starter-hs 85") == "starter-hs 85", "a name is no term"
    assert first.startswith(f'{word}<button type="button" class="term" popovertarget="term-landed')
    assert first.endswith("&lt;b&gt;")
    assert again == word
    page = browser.get(
        "/quote", study=browser.example(), of="HC-55Q", destination="DEU", lang=lang
    ).text
    asked = re.findall(r'popovertarget="([^"]+)"', page)
    assert len(asked) >= 3
    assert asked == re.findall(r'<p id="(term-[^"]+)" popover>', page), "each once, in their order"


def test_the_glossary_is_that_of_the_docs() -> None:
    english, chinese = glossary("en"), glossary("zh")
    assert list(english) == list(chinese)
    assert english["hedge-ratio"] == ("hedge ratio", "the share of receipts sold forward")
    assert chinese["hedge-ratio"][0] == "套期保值比率"
    docs = Path(__file__).resolve().parents[2] / "docs/reference/glossary.md"
    assert all(means in docs.read_text("utf-8").replace("`", "") for _, means in english.values())
