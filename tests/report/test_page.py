"""The page is well made: its structure, its words in both languages, and nothing from outside."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from offing.report import write_report
from offing.report.charts.plan import Change
from offing.report.charts.plan import draw as draw_plan
from offing.report.views.run import record
from offing.study.result import BookYear, StudyResult
from offing.terms.caution import Caution
from offing.terms.messages import LANGUAGES, Language, say, speaking
from offing.terms.numbers import money_column
from report_example import example, one_product, staying, without_plan
from report_markets import BATTERIES

SCALED = re.compile(r"\d[\d.,]*[\s\u00a0]*([万亿])[\s\u00a0]*(?:元|美元)")
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


def test_language_is_said(page: Page) -> None:
    lang, html, reader = page
    assert dict(reader.tags[0][1])["lang"] == {"en": "en", "zh": "zh-Hans"}[lang]
    assert html.startswith("<!doctype html>")


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
    assert all(attrs["role"] == "img" and attrs["aria-labelledby"] for attrs in pictures)


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


def first_screen(result: StudyResult, lang: Language = "en") -> str:
    """What a reader sees before the first section, as text."""
    html = write_report(result, lang)
    start = html.index('id="answer"')
    text = re.sub(r"<svg.*?</svg>|<details.*?</details>", "", html[start : html.index('id="plan"')],
                  flags=re.DOTALL)  # fmt: skip
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text.replace("\u00a0", " "))))


def test_first_screen_says_what_to_do_in_words_and_money() -> None:
    first = first_screen(example())
    # EUR at CNY 7.83, USD at 7.25: 520 × 7.25 ÷ 7.83 = 481.5, 500 × … = 463.0, 580 × … = 537.0.
    for part in (
        "Raise the Television sets and monitors to EUR 481 in Germany (today EUR 463) + CNY 2.13 m",
        "If rivals match half of the price: + CNY 900,000.",
        "Enter Poland with the Television sets and monitors at EUR 537 + CNY 1.4 m",
        "Costs CNY 600,000, pays back in 14 months in 7 of 10 worlds.",
        "for the United States in Mexico, and lower the price to USD 480",
        "Stop selling the Television sets and monitors in the Netherlands",
        "Better than not doing so in 78% of worlds; in the worst of twenty − CNY 400,000.",
        "2 further moves are in the table of moves.",
        "so they need not add up",
    ):
        assert part in first
    assert first.count("Better than not doing so in") == 5
    html = write_report(example(), "en")
    assert "Made-up firm" in html[: html.index('id="answer"')]


def test_of_risk_the_chance_and_the_worst_of_twenty_stand_open() -> None:
    first = first_screen(example())
    assert "Beats today's way 81%" in first
    assert "Profit 2026–2027 CNY 45.2 m today's way: CNY 40 m" in first
    assert "Worst of twenty, 2026–2027 CNY 22.5 m today's way: CNY 21 m" in first


def test_the_record_says_what_is_imputed_and_its_unflattering_half() -> None:
    """By hand, at CNY 7.25: promised 10, came 7, of 9 without change; 2.0 against 2.2 observed."""
    first = first_screen(example())
    assert "in only 0 of 1 earlier years with moves was what was observed better" in first
    assert "In all, 79% of the promised sales would have come." in first  # (7 + 8.1) ÷ (10 + 9)
    assert "CNY 72.5 m of sales were promised for 2023, CNY 65.2 m without any change" in first
    assert "CNY 50.8 m would have come (70% of the promise)" in first
    assert "Margin observed: CNY 14.5 m; doing nothing: CNY 15.9 m." in first
    assert (
        "Imputed to entries, other plants and prices, not observed: CNY 3.62 m (20% of both)."
        in first
    )
    assert "2022, stay: CNY 65.2 m of sales were expected for 2024" in first
    assert "earned" not in first


def test_what_the_answer_rests_on_is_said() -> None:
    first = first_screen(example())
    assert "The starter set starter (2019–2024, 41,233 flows): 21 markets" in first
    assert "Prices are known for 93% of imports on average" in first
    assert "CNY 600,000 once" in first
    assert "One rule or rate is illustrative" in first
    assert "not been validated on firms" in first


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_sales_the_first_screen_begins_so_and_promises_nothing(
    lang: Language,
) -> None:
    result = example()
    assumed = (Caution("planning.assumed_no_sales", {"share": "2%"}), *result.decided.assumed)
    moves = tuple(
        replace(move, chance=None, low_cny=None, worst_cny=None, payback_chance=None)
        for move in result.decided.moves
    )
    decided = replace(result.decided, assumed=assumed, chance_better=None, moves=moves)
    first = first_screen(replace(result, decided=decided), lang)
    with speaking(lang):
        opening = say("planning.assumed_no_sales", share="2%")
        never = [say("report.fact_better"), say("report.fact_worst", years="2026–2027")]
        assert first.count(opening) == 1
        assert first.index(opening) < first.index(say("planning.gain_supposed", money="")[:6])
        assert say("report.fact_no_sales") in first
        assert not any(words in first for words in never)


def test_with_no_good_move_the_answer_is_to_stay_and_says_why() -> None:
    first = first_screen(staying())
    assert "Stay as you are: no change is proposed." in first
    assert "The best of 2 moves that were looked at: Raise the Television sets" in first
    assert "it beats today's way in 55% of the worlds; 67% are asked for" in first
    assert "Not yet: not likely enough to beat doing nothing." in first
    assert "Beats today's way" not in first
    assert first_screen(staying(), "zh").count("维持现状：不建议做任何改动。") == 1


def test_one_picture_shows_what_leaves_as_well_as_what_comes() -> None:
    html = write_report(example(), "en")
    screen = html[html.index('id="answer"') : html.index('id="plan"')]
    (picture,) = re.findall(r"<svg.*?</svg>", screen, re.DOTALL)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    for name in ("Germany", "Poland", "Netherlands", "2 others"):
        assert name in texts
    assert "0.9 → left" in texts
    assert any(text.startswith("new → ") for text in texts)
    assert picture.count('class="gone"') == 1


def test_the_largest_markets_say_today_too() -> None:
    """Amounts in 万元 are long: the lines give way, and not the figure of today."""
    rows = [
        Change("德国", "德国", 101_370_000, 121_710_000, moved=False),
        Change("意大利", "意大利", 54_210_000, 64_500_000, moved=True),
    ]
    with speaking("zh"):
        drawn = draw_plan("p", "t", rows, money_column([40_000_000], "CNY"))
    assert "10,137 → 12,171" in drawn
    assert "5,421 → 6,450" in drawn


def test_the_plan_s_table_names_models_and_its_first_columns_fit_a_phone() -> None:
    html = write_report(example(), "en").replace("\u00a0", " ")
    plan = html[html.index('<section id="plan"') : html.index('<section id="markets"')]
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)', plan[plan.index('id="plan-table"') :])
    assert heads[:3] == ["Market: model", "Today, CNY m", "Plan 2027, CNY m"]
    assert {"Made in", "FOB price", "80% of worlds, CNY m", "Move", "Margin, CNY m"} <= set(heads)
    assert "Germany: Lithium-ion accumulators for household appliances and tools" in plan
    assert BATTERIES not in re.sub(r'id="[^"]*"|"[^"]*"', "", plan)
    # Rows with a move come first; what is left and was hardly sold keeps its place by size.
    rows = re.findall(r"<tr><th scope=\"row\"[^>]*>([^<]*)", plan[plan.index('id="plan-table"') :])
    markets = [row.partition(":")[0] for row in rows]
    assert set(markets[:3]) == {"Germany", "United States", "South Korea"}
    assert markets.index("Poland") < markets.index("Japan")
    assert markets.index("Netherlands") > markets.index("Japan")


def test_moves_that_are_not_made_have_a_reason() -> None:
    html = write_report(example(), "en")
    table = html[html.index('id="not-yet"') : html.index('id="markets"')]
    assert "under the buyer&#39;s brand (OEM)" in table
    assert "not likely enough to beat doing nothing" in table
    assert "pays only by saving the illustrative cost" in table


def test_a_tier_is_named_only_where_enough_prices_are_known() -> None:
    whole = example()
    thin = tuple(
        replace(p, markets=tuple(replace(m, ladder=m.ladder and replace(m.ladder, coverage=0.19))
                                 for m in p.markets))
        for p in whole.products
    )  # fmt: skip
    bare = write_report(replace(whole, products=thin), "en")
    plan = bare[bare.index('<section id="plan"') : bare.index('<section id="markets"')]
    assert "high tier" not in plan
    assert "Too few prices for a tier: " in first_screen(replace(whole, products=thin))


def test_a_loss_is_said_and_signed() -> None:
    html = write_report(example(), "en")
    assert '<td class="num negative">−4.3%</td>' in html
    assert "Lost at the price asked" in html


def test_what_is_not_known_is_shown_as_missing() -> None:
    html = write_report(example(), "en")
    assert '<td class="num missing">no data</td>' in html
    assert "No ladder, for lack of usable unit values: Hong Kong SAR." in html
    assert "Not on the map, for lack of a place: Tuvalu." in html
    assert re.search(r"Not costed, because [^<]*Hong Kong SAR", html)


def test_growth_of_the_own_book_is_a_sentence() -> None:
    html = write_report(example(), "en").replace("\u00a0", " ")
    assert "USD 500 to under USD 5,000: sales grew 59% in 2024" in html


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_study_without_a_plan_still_reads(lang: Language) -> None:
    html = write_report(without_plan(), lang)
    reader = Reader(html)
    assert 'id="plan"' in html
    assert 'id="rules"' not in html
    assert all(b - a <= 1 for a, b in pairwise(reader.headings))


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


def test_the_record_of_the_ranking_is_said_with_its_doubt() -> None:
    html = write_report(example(), "en")
    assert "captured 67% of later growth" in html
    assert "today&#39;s exports 66%" in html
    assert (
        "+0.3 percentage points (95% interval −1.9 to +2.2), so a lead is not proved; against "
        "today&#39;s exports +0.9 (−2.1 to +4.0)." in html
    )
    assert "Of its 80% intervals, 78% held what came." in html


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_picture_that_stands_alone_is_drawn_for_both_widths(lang: Language) -> None:
    html = write_report(one_product(), lang)
    page = Reader(html)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for kind in ("map-", "outlook-", "book-", "proof-", "tornado-"):
        assert sum(name.startswith(kind) and name.endswith("-wide-t") for name in ids) == 1
    narrow = re.findall(r'<div class="pic-narrow"><svg[^>]*viewBox="0 0 (\d+)', html)
    wide = re.findall(r'<div class="pic-wide"><svg[^>]*viewBox="0 0 (\d+)', html)
    assert (narrow, wide) == (["360"] * 5, ["960"] * 5)
    # With several products the pictures stand side by side, and one size is enough; but the map and
    # the tornado, of which there is one.
    assert write_report(example(), lang).count('class="pic-wide"') == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_wide_tables_say_that_they_go_on(lang: Language) -> None:
    html = write_report(example(), lang)
    tables = re.findall(r"<table>.*?</table>", html, re.DOTALL)
    many = sum(table.count('scope="col"') > 4 for table in tables)
    assert many
    assert html.count('class="scroll-hint"') == many


def test_days_read_well_in_both_languages() -> None:
    assert "4\u00a0January\u00a01999 to" in write_report(example(), "en")
    assert "1999年1月4日至" in write_report(example(), "zh")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_risk_is_told(lang: Language) -> None:
    page = unescape(write_report(example(), lang))
    part = page[page.index('id="risk"') :]
    part = part[: part.index("</section>")]
    assert part.count("<details") == 3
    said = {
        "en": (
            "CNY 112 (2026)",
            "8,400 h a year",
            "EUR in yuan fell by 12%",
            "cost of the goods rose by 8%",
            "no plan",
        ),
        "zh": ("欧元兑人民币下降 12%", "产品成本上升 8%", "无可行方案"),
    }[lang]
    for sentence in said:
        assert sentence.replace(" ", "") in part.replace("\u00a0", " ").replace(" ", ""), sentence


def test_no_chinese_sentence_counts_in_two_units() -> None:
    """5.95 亿元 beside 278 万元 makes a reader count noughts."""
    made = example()
    plans = made.earlier_plans
    assert plans
    assert any(plan.moves for plan in plans)
    # Sums that differ a thousandfold, as a firm's sales and its imputed profit do.
    wide = [replace(plan, promised_usd=83_000_000.0, imputed_usd=385_000.0) for plan in plans]
    html = write_report(replace(made, earlier_plans=tuple(wide)), "zh")
    said = [text for text in Reader(html).texts if len(set(SCALED.findall(text))) > 1]
    assert said == []
    assert any("万元" in text and "2.77" not in text for text in Reader(html).texts)


def test_a_record_before_the_ledger_says_that_its_shares_are_todays() -> None:
    """Plans of 2021 and 2022: a ledger from 2022 on knows nothing of the first."""
    made = example()
    (product, *others) = made.products
    year = BookYear(product.product, 2022, (), 1e6, 1e3)

    def told(first: int) -> list[str]:
        books = (replace(product, book=(replace(year, year=first),)), *others)
        lines = record(replace(made, products=books))
        return [line for line in lines if "ledger begins" in line]

    assert told(2021) == []
    (said,) = told(2022)
    assert "of 2021 are not known" in said
    assert "of 2021, 2022 are not known" in told(2023)[0]


def test_what_margins_have_in_them_follows_the_study() -> None:
    """Without [settlement] nothing is settled, and which currency is best is not asked."""
    page = write_report(replace(example(), settlement=None), "en")
    assert "after refund, settlement and" not in page
    assert "no currency and no hedge is chosen" in page
