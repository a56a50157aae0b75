"""The pages in a real browser: no sideways scrolling, nothing that axe or the policy refuses."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firm_answers import answers
from offing.web.pages import pages
from web_server import Served, put_moving, serving

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.proof,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]
ON = "on=2024-12-31"
PAGES = (
    "/",
    "/begin",
    "/ledger?study=tv",
    "/edit?study=tv&new=plant",
    "/plan?study=tv",
    *(
        f"/plan?study=tv&part={part}"
        for part in ("risk", "markets", "ladders", "costs", "axes", "outlook", "proof", "rules")
    ),
    "/what-if?study=tv",
    "/ladder?study=tv&product=8528&market=DEU&price=560&of=HC-65M",
    "/markets?study=tv&product=8528&origin=CHN&compare=DEU&compare=USA",
    f"/quote?study=tv&of=HC-55Q&destination=DEU&quantity=300&beside=GBR,USA&{ON}",
    f"/quote?study=tv&of=HC-55Q&destination=USA&lines=1&{ON}",
    f"/province?column=on=统计期末&ahead=1&{ON}",
    f"/fairs?budget=CNY+2m&{ON}",
    "/firms?stress=us-tariffs-2025",
    "/refund",
    "/order?study=tv&model=HC-65M&market=DEU&quantity=500&price=560",
    "/quotations?study=tv",
    "/experiment?study=tv&change=%2B5%25&model=HC-65M&margin=20%25",
    f"/settle?amount=100000&currency=EUR&market=DEU&frontier=1&{ON}",
    f"/settle?deals=1&{ON}",
    "/law?country=USA&on=2026-08-01&since=2025-03-01&study=tv",
    "/data",
    "/proof?study=tv",
    "/help?q=到岸总成本&study=tv",
    "/help?page=how-to/quote-a-shipment",
    f"/quote?product=电视机&destination=DEU&quantity=300&price=560+USD&cost=3150+CNY&{ON}",
    "/nothing",
)
"""The last two are no answers: a word of several products is asked back, a page that is none."""
MONTHS = Path(__file__).resolve().parents[2] / "docs/tutorials/data/finance-months.csv"
EXPORTS, FAIRS = (MONTHS.with_name(name) for name in ("province.csv", "fairs.csv"))
MESSY = (
    "海川公司出口明细,,,,,\n日期,国别,海关编码,数量(台),开票额(万美元),机型\n"
    "2024-05-03,德国,852872,100,5.5,A\n2024-06-04,火星,852872,100,4.4,A\n合计,,,200,9.9,\n"
)
DEALS = (
    "名称,金额,币种,天数\n汉堡,1250000,EUR,90\n面板（应付）,-900000,USD,45\n洛杉矶,2000000,USD,60\n"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with (
        pytest.MonkeyPatch.context() as patched,
        serving(tmp_path_factory.mktemp("seen")) as served,
    ):
        put_moving(served, patched)
        browser = served.browser()
        browser.post("/refund/drop", {"months": ("months.csv", MONTHS.read_bytes())})
        browser.post("/province/drop", {"exports": ("全省.csv", EXPORTS.read_bytes())})
        browser.post("/fairs/drop", {"fairs": ("目录.csv", FAIRS.read_bytes())})
        for file, content in answers(3).items():
            browser.post("/firms/add", {"answers": (file, content)})
        browser.post("/begin/drop", {"file": ("外销.csv", MESSY.encode("gb18030"))})
        browser.post("/settle/drop", {"deals": ("deals.csv", DEALS.encode())})
        yield served


def test_every_page_is_looked_at() -> None:
    assert {page.address for page in pages()} == {path.partition("?")[0] for path in PAGES[:-1]}


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


LOOKS = [("zh", 390), ("en", 1280)]
if os.environ.get("OFFING_JOURNEYS"):  # half a minute each: make journeys looks at all four
    LOOKS += [("zh", 1280), ("en", 390)]


NARROW = 360
FORMS = ("/begin", "/province", "/fairs", "/firms", "/refund", "/settle")
WORDS = (
    "Math.min(...[...document.querySelectorAll('svg text')].filter(t => t.getClientRects()"
    ".length && t.getBoundingClientRect().width > 0).map(t => t.getScreenCTM().a * "
    "parseFloat(getComputedStyle(t).fontSize)), 99)"
)
GAPS = (
    "Math.min(...[...document.querySelectorAll('.field + .field')].filter(f => f.offsetHeight)"
    ".map(f => f.getBoundingClientRect().top - "
    "f.previousElementSibling.getBoundingClientRect().bottom), 99)"
)
BUTTONS = (
    "Math.max(...[...document.querySelectorAll('.papers button')].map(b => b.offsetHeight), 0)"
)


@pytest.mark.parametrize(("lang", "width"), LOOKS)
def test_pages_fit_and_have_no_barrier(
    server: Served, chromium: Any, lang: str, width: int
) -> None:
    """Nor are words of pictures small, fields on each other, or other hosts and files asked for.

    One visit serves all that is looked at: a page takes a third of a second to draw.
    """
    package = pytest.importorskip("axe_core_python", reason="needs axe-core-python")
    axe = (Path(package.__path__[0]) / "axe.min.js").read_text(encoding="utf-8")
    context = chromium.new_context(color_scheme="dark" if width == 390 else "light")
    page = context.new_page()
    page.set_default_timeout(120_000)  # on a busy machine
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{server.base}{path}{'&' if '?' in path else '?'}lang={lang}")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.evaluate(axe)
        found = page.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
            "v => [v.id, v.nodes.length, v.nodes[0].html]))"
        )
        assert found == [], path
        if width == 390:
            page.set_viewport_size({"width": NARROW, "height": 844})
            assert page.evaluate(WORDS) >= 9, f"words of pictures: {path}"
            if path.startswith(FORMS):
                assert page.evaluate(GAPS) >= 4, f"labels lay on the field above: {path}"
                assert page.evaluate(BUTTONS) < 55, (path, "移除 in two lines, one sign each")
        if path in PAGES[-2:]:
            said.clear()  # the browser itself says that there is no such page
        assert said == [], f"refused by the policy: {path}"
    assert {url for url in asked if not url.startswith((server.base, "data:"))} == set()
    context.close()


def test_a_study_is_begun_without_any_script(server: Served, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(server.base + "/")
    page.get_by_role("button", name="锂离子电池的下一个市场").click()
    page.wait_for_url(server.base + "/plan?study=battery-maker**")
    page.get_by_role("button", name="计算方案").wait_for()
    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Work out the plan").wait_for()
    context.close()


def test_a_sign_beside_a_term_opens_its_line_by_keyboard(server: Served, chromium: Any) -> None:
    page = chromium.new_context().new_page()
    page.goto(f"{server.base}/quote?study=tv&of=HC-55Q&destination=DEU&quantity=300&{ON}&lang=en")
    sign = page.get_by_role("button", name="Help on: FOB", exact=True)
    line = page.locator("[popover]", has_text="on board at the port of export")
    assert not line.is_visible()
    sign.focus()
    page.keyboard.press("Enter")
    assert line.is_visible()
    page.keyboard.press("Escape")
    assert not line.is_visible()
    page.context.close()


def test_values_of_a_picture_by_keyboard_and_pointer(server: Served, chromium: Any) -> None:
    page = chromium.new_context().new_page()
    page.goto(f"{server.base}/plan?study=tv&lang=en")
    figure = page.locator("#figure-today-plan")
    figure.focus()
    page.keyboard.press("ArrowRight")
    said = figure.locator("output")
    first = said.inner_text()
    assert " → " in first
    page.keyboard.press("ArrowRight")
    assert said.inner_text() != first
    figure.locator("svg a:has(> title) text").first.hover()
    assert said.inner_text() == first
    figure.focus()
    page.keyboard.press("Enter")
    assert page.locator("tr:target th").inner_text() in first, "a mark leads to its row"
    page.context.close()


def test_the_handle_of_risk_steps_through_the_frontier(server: Served, chromium: Any) -> None:
    page = chromium.new_context().new_page()
    page.goto(f"{server.base}/plan?study=tv&lang=en")
    handle = page.locator("#risk-handle")
    last = handle.get_attribute("max")
    assert handle.input_value() == last, "the plan itself"
    handle.focus()
    with page.expect_navigation():
        page.keyboard.press("ArrowLeft")
    assert "risk=" in page.url
    assert page.locator("#risk-handle").input_value() == str(int(last) - 1)
    page.locator(".remade").wait_for()
    page.context.close()


@pytest.mark.parametrize(("lang", "reading"), [("en", "Reading…"), ("zh", "正在读取……")])
def test_a_form_that_was_sent_says_that_it_works_and_is_sent_once(
    server: Served, chromium: Any, lang: str, reading: str
) -> None:
    page = chromium.new_context().new_page()
    sent = []

    def slow(route: Any) -> None:
        sent.append(route)
        route.fulfill(status=204)  # no page comes yet

    page.goto(f"{server.base}/?lang={lang}")
    page.route("**/begin/drop", slow)
    file = {"name": "外销.csv", "mimeType": "text/csv", "buffer": MESSY.encode("gb18030")}
    page.set_input_files("#file", file)
    button = page.locator("form.drop button")
    button.click()
    page.locator("form.drop button:disabled").wait_for()
    assert button.inner_text() == reading
    page.evaluate("document.querySelector('form.drop').requestSubmit()")
    page.wait_for_timeout(200)
    assert len(sent) == 1
    page.context.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_buttons_and_tabs_wrap_on_a_phone(server: Served, chromium: Any, lang: str) -> None:
    page = chromium.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{server.base}/plan?study=tv&lang={lang}")
    out = "[...document.querySelectorAll('.do > *, .parts a')].filter(e => "
    assert page.evaluate(out + "e.getBoundingClientRect().right > innerWidth).length") == 0
    page.context.close()
