"""The built site: whole in both languages, offline, with a search that finds Chinese words."""

import importlib.util
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tools import docs_site as site

pytestmark = [
    pytest.mark.proof,
    pytest.mark.slow,
    pytest.mark.locked,
    pytest.mark.skipif(
        importlib.util.find_spec("zensical") is None, reason="make docs sets up what this needs"
    ),
]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WORDS = {"免抵退": "refund", "换汇成本": "refund", "价格阶梯": "ladder", "引力模型": "gravity"}
"""Word → what the name of a page that it must find has in it."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site in a folder of its own."""
    folder = tmp_path_factory.mktemp("built") / "site"
    assert site.main(folder) == 0
    return folder


def index(built: Path, below: str) -> list[dict[str, Any]]:
    """The entries of a search index."""
    text = (built / below / "search.json").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = json.loads(text)["items"]
    return entries


def test_every_page_is_there_in_both_languages(built: Path) -> None:
    for edition in site.EDITIONS:
        names = [name for name in site.pages(edition) if name.suffix == ".md"]
        missing = [
            n for n in names if not (built / edition.below / n.with_suffix(".html")).exists()
        ]
        assert names
        assert missing == []


def test_nothing_is_loaded_from_elsewhere(built: Path) -> None:
    """Links may lead out; no script, style, font or picture comes from another host."""
    loaded = re.compile(
        r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(https?:)?//"
        r"|<link\b(?=[^>]*rel=[\"']?(?:stylesheet|preload|preconnect|icon))[^>]*href=[\"']?(https?:)?//"
        r"|@import\s+(?:url\()?[\"']?https?:"
        r"|url\([\"']?https?:"
    )
    outside = [
        f"{file.relative_to(built)}: {found[0][:120]}"
        for file in built.rglob("*")
        if file.suffix in {".html", ".css", ".svg"}
        for found in loaded.finditer(file.read_text(encoding="utf-8"))
    ]
    assert outside == []
    marked = [file for file in built.rglob("*.html") if ".invalid/" in file.read_text("utf-8")]
    assert marked == []
    braces = [file for file in built.rglob("*.html") if "{ #" in file.read_text("utf-8")]
    assert braces == [], "an anchor is no part of a title"


def test_a_page_leads_to_itself_in_the_other_language(built: Path) -> None:
    for edition, other in ((site.ENGLISH, site.CHINESE), (site.CHINESE, site.ENGLISH)):
        page = built / edition.below / "tutorials" / "finance-lead.html"
        html = page.read_text(encoding="utf-8")
        found = re.search(rf'<a href="([^"]+)" hreflang="{other.lang}"', html)
        assert found is not None
        target = (page.parent / found[1]).resolve()
        assert target == (built / other.below / "tutorials" / "finance-lead.html").resolve()


@pytest.mark.parametrize("word", WORDS)
def test_the_index_has_chinese_words(built: Path, word: str) -> None:
    found = {
        entry["location"] for entry in index(built, "zh") if word in entry["text"] + entry["title"]
    }
    assert any(WORDS[word] in location for location in found)


@pytest.fixture
def browser(built: Path) -> Iterator[Any]:
    """A page of a Chromium that opens the Chinese site from its folder."""
    if CHROMIUM is None:
        pytest.skip("needs chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page()
        page.goto((built / "zh" / "index.html").as_uri())
        yield page
        chromium.close()


def test_the_search_finds_them_in_a_browser_without_a_server(browser: Any) -> None:
    asked = []
    browser.on("request", lambda request: asked.append(request.url))
    browser.wait_for_timeout(1500)
    browser.keyboard.press("/")
    for word, page in WORDS.items():
        browser.wait_for_timeout(500)
        browser.keyboard.press("Control+A")
        browser.keyboard.insert_text(word)
        # A hit carries the word in its address, to mark it on the page.
        hits = browser.locator(f"a[href*='{page}'][href*='h={quote(word)}']")
        hits.first.wait_for(timeout=30_000)
    assert [
        address for address in asked if not address.startswith(("file:", "blob:", "data:"))
    ] == []
