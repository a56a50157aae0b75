"""The page is well made: its structure, its words in both languages, and nothing from outside."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from scipy.stats import beta

from offing.planning.track_record import EarlierMove, EarlierPlan
from offing.report import write_report
from offing.report.blocks import Block, Figures, Folded, Table, Text
from offing.report.page import OPEN, TABLES_ALONE, shorten_section
from offing.report.sections import sections
from offing.report.views.run import record
from offing.terms.messages import LANGUAGES, Language, using_language
from report_example import example

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Reader(HTMLParser):
    """Reads strictly: every tag closes, in order; notes what the tests ask for."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.headings: list[int] = []
        self.figures: list[set[str]] = []
        self.tables: list[list[str]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, attrs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def _seen(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "figure":
            self.figures.append(set())
        elif "figure" in self.open:
            self.figures[-1].add(tag)
        if tag == "table":
            self.tables.append([])
        elif "table" in self.open:
            self.tables[-1].append(f"th:{dict(attrs).get('scope')}" if tag == "th" else tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request: pytest.FixtureRequest) -> tuple[Language, str, Reader]:
    html = write_report(example(), request.param)
    return request.param, html, Reader(html)


Page = tuple[Language, str, Reader]


def test_nothing_comes_from_outside(page: Page) -> None:
    _, html, reader = page
    addresses = set(re.findall(r"(?:https?:)?//[^\s\"'<>)]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\(", html)
    assert {tag for tag, _ in reader.tags} & {"script", "link", "img", "iframe"} == set()


def test_headings_go_down_one_by_one(page: Page) -> None:
    headings = page[2].headings
    assert headings.count(1) == 1
    assert headings[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(headings))


def test_every_picture_is_told_in_words(page: Page) -> None:
    reader = page[2]
    assert len(reader.figures) > 10
    for inside in reader.figures:
        assert {"svg", "title", "desc", "figcaption"} <= inside
    pictures = [attrs for tag, attrs in reader.tags if tag == "svg"]
    assert all(attrs["role"] in ("img", "group") and attrs["aria-labelledby"] for attrs in pictures)


def test_tables_have_captions_and_headings(page: Page) -> None:
    tables = page[2].tables
    assert len(tables) > 20
    for inside in tables:
        assert "caption" in inside
        rows = inside.count("tr")
        feet = inside.count("tfoot")
        assert inside.count("th:row") == rows - 1
        assert "th:col" in inside
        assert feet <= 1


def test_names_are_unique_and_links_lead_somewhere(page: Page) -> None:
    tags = page[2].tags
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {attrs["href"].removeprefix("#") for tag, attrs in tags if tag == "a"}
    spoken = {name for _, attrs in tags for name in attrs.get("aria-labelledby", "").split()}
    assert links | spoken <= set(ids)


def test_no_message_is_left_open(page: Page) -> None:
    lang, _, reader = page
    text = " ".join(reader.texts)
    assert not re.search(r"\{\w*\}|None|nan\b|inf\b|Undefined", text)
    if lang == "en":
        assert not re.search("[\u4e00-\u9fff]", text)


def test_chinese_page_has_no_english_sentence() -> None:
    # Names that a person gave, codes of rules and licences of sources stay as they are.
    text = "\n".join(Reader(write_report(example(), "zh")).texts)
    left = re.findall(r"\b[a-z]{3,}(?: [a-z]{2,}){3,}", text)
    assert left == []


def test_a_share_is_stated_from_three_independent_outcomes_on() -> None:
    """Moves that brought more in two of three windows: Jeffreys's interval of 2 of 3."""
    move = EarlierMove("enter", "TV", "DEU", 1.0, 2.0, observed=False)
    good = EarlierPlan(2016, 2, (move,), 1.0, 1.0, observed=True)
    bad = replace(good, base_year=2018, moves=(replace(move, came_cny=-1.0),))
    made = replace(example(), earlier_plans=(good, bad))
    assert "2 independent outcomes, too few" in record(made)[0]
    three = replace(made, earlier_plans=(good, bad, replace(good, base_year=2020)))
    low, high = beta.ppf([0.025, 0.975], 2.5, 1.5)
    assert "in 2 of 3 independent outcomes the moves brought more" in record(three)[0]
    assert f"(95 % interval {low:.0%} to {high:.0%})" in record(three)[0]
    none = replace(made, earlier_plans=(replace(good, moves=()),))
    assert "no move with a known outcome" in record(none)[0]
    assert "no change" not in record(none)[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_same_study_same_bytes(lang: Language) -> None:
    assert write_report(example(), lang) == write_report(example(), lang)


def test_names_cannot_break_the_page() -> None:
    whole = example()
    nasty = '<script>alert("x")</script> & co'
    firm = replace(whole.firm, name_en=nasty)
    products = tuple(replace(product, name_en=nasty) for product in whole.products)
    reader = Reader(write_report(replace(whole, firm=firm, products=products), "en"))
    assert not [tag for tag, _ in reader.tags if tag == "script"]
    assert nasty in "".join(reader.texts)


def test_a_report_is_short_and_nothing_of_it_is_lost() -> None:
    """What a section has stands open or folded; only pictures of further markets are left out."""
    result = example()
    for lang in LANGUAGES:
        with using_language(lang):
            for whole in sections(result):
                short = shorten_section(whole)
                assert (short.id, short.heading) == (whole.id, whole.heading)
                told, kept = list(plain(whole.blocks)), list(plain(short.blocks))
                if whole.id not in TABLES_ALONE:
                    figures = [one for one in told if isinstance(one, Figures)]
                    assert [one for one in kept if isinstance(one, Figures)] == figures
                tables = {one.id for one in told if isinstance(one, Table)}
                assert {one.id for one in kept if isinstance(one, Table)} == tables
                sentences = sorted(
                    s for one in told if isinstance(one, Text) for s in one.sentences
                )
                found = sorted(s for one in kept if isinstance(one, Text) for s in one.sentences)
                assert found == sentences, whole.id
                if whole.id in OPEN:
                    *_, last = short.blocks
                    assert isinstance(last, Folded)
                    assert last.printed, "on paper it stands open"


def plain(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Blocks with those that are folded in their place."""
    for block in blocks:
        yield block
        if isinstance(block, Folded):
            yield from plain(block.blocks)
