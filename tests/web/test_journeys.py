"""Journeys through the workbench in Chromium, as people go them, in both languages.

They take minutes, so they run where ``OFFING_JOURNEYS`` names a folder for their pictures
(``make journeys``): each picture is taken at a desk and at the width of a phone.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from offing.terms.messages import Language, say, using_language
from web_server import EXAMPLES, Served, put_moving, serving

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = os.environ.get("OFFING_JOURNEYS")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
    pytest.mark.skipif(not PICTURES, reason="`make journeys` runs them"),
]
EXAMPLE = EXAMPLES / "tv-maker"
DESK, PHONE = (1280, 860), (390, 844)
TALL = 2600
"""Pixels of a page that a picture has at most."""
BUYERS = (
    ("Muster GmbH", "德国", "欧元", 330),
    ("Otto Handels", "德国", "欧元", 345),
    ("Casa Norte", "墨西哥", "美元", 352),
    ("Bright Ltd", "英国", "人民币", 2450),
)


def sales(amount: str) -> bytes:
    """A sales file as an office keeps it: GBK, titles, 万元, three currencies, no such day."""
    lines = [
        "青岛海川显示有限公司2023—2024年外销台账,,,,,,,",
        "制表：李娜,,,,,,,单位：万元",
        f"出口日期,客户,国别,海关编码,型号,数量(台),{amount},币种",
    ]
    for month in range(24):
        for number, (buyer, country, currency, price) in enumerate(BUYERS):
            day = f"{2023 + month // 12}/{month % 12 + 1}/{3 + 6 * number}"
            units = 200 + 20 * ((7 * month + 3 * number) % 15)
            money = f"{units * price / 10_000:.3f}"
            lines.append(f"{day},{buyer},{country},852872,HC55,{units},{money},{currency}")
    lines.insert(10, "2023/2/30,Muster GmbH,德国,852872,HC55,300,9.9,欧元")
    lines.append("合计,,,,,,,")
    return ("\r\n".join(lines) + "\r\n").encode("gbk")


class Traveller:
    """Someone at a browser in one language, who knows the words on the pages."""

    def __init__(self, server: Served, page: Any, lang: Language) -> None:
        self.server, self.page, self.lang = server, page, lang
        self.journey, self._chosen_place = "", 0
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "40" not in message.text:  # an answer that says no is one
            self.faults.append(message.text)

    def word(self, key: str, **values: object) -> str:
        """A text of the pages."""
        with using_language(self.lang):
            return say(key, **values)

    def open(self, address: str = "/", **query: str) -> None:
        """Type an address."""
        given = "&".join(f"{name}={value}" for name, value in query.items())
        self.page.goto(f"{self.server.base}{address}?{given}")

    def go(self, name: str) -> None:
        """Follow the navigation."""
        self.page.get_by_role("navigation").get_by_role(
            "link", name=self.word(f"web.nav_{name}"), exact=True
        ).click()

    def press(self, key: str, **values: object) -> None:
        """Press a button, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=self.word(key, **values), exact=True).first.click()

    def fill(self, **values: str) -> None:
        """Fill in the fields of the form in the middle of the page."""
        for name, value in values.items():
            field = self.page.locator(f"main form [name='{name}']").first
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def attach(self, name: str, content: bytes, where: str) -> None:
        """Choose a file."""
        kind = "text/csv"
        given = {"name": name, "mimeType": kind, "buffer": content}
        self.page.set_input_files(where, given)

    def reads(self) -> str:
        """What stands on the page."""
        text: str = self.page.inner_text("main")
        return text

    def see(self, name: str) -> None:
        """Take two pictures, and look that nothing runs out of the page."""
        self._chosen_place += 1
        self.page.evaluate("scrollTo(0, 0)")
        answered = self.page.locator("main table, main svg").count() > 0
        for (width, height), where in ((PHONE, "phone"), (DESK, "desk")):
            if answered:  # as the page comes on a screen of that width
                every = "document.querySelectorAll('[data-open-wide]')"
                self.page.evaluate(f"{every}.forEach(d => d.open = {int(width > 700)})")
            self.page.set_viewport_size({"width": width, "height": height})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, name
            tall = min(TALL, self.page.evaluate("document.documentElement.scrollHeight"))
            file = f"{self.journey}-{self._chosen_place}-{name}-{self.lang}-{where}.png"
            self.page.screenshot(
                path=Path(PICTURES or "") / file,
                full_page=True,
                clip={"x": 0, "y": 0, "width": width, "height": tall},
            )

    def await_job(self) -> None:
        """Wait until what runs has ended and the page shows it."""
        self.page.wait_for_selector("[data-progress]", state="detached", timeout=300_000)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    assert PICTURES is not None
    Path(PICTURES).mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patched:
        home = tmp_path_factory.mktemp("journeys")
        with serving(home / "bench") as served:
            put_moving(served, patched)
            yield served


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=["zh", "en"])
def someone(request: pytest.FixtureRequest, server: Served, chromium: Any) -> Iterator[Traveller]:
    lang: Language = request.param
    locale = "zh-CN" if lang == "zh" else "en-GB"
    context = chromium.new_context(
        locale=locale, viewport={"width": DESK[0], "height": DESK[1]}, reduced_motion="reduce"
    )
    context.set_default_timeout(25_000)
    traveller = Traveller(server, context.new_page(), lang)
    traveller.journey = re.sub(r"^test_|\[.*", "", request.node.name)
    yield traveller
    context.close()
    assert traveller.faults == []


def test_01_own_file_to_a_plan(someone: Traveller) -> None:
    """Who never saw a terminal: a messy file, what only the firm knows, a plan to explain."""
    someone.open()
    someone.see("start")
    someone.attach("外销台账.csv", sales("金额(万元)"), "#file")
    someone.press("web.drop_send")
    read = someone.reads()
    assert "外销台账.csv" in read
    assert "2023/2/30" in read, "the row that cannot be used is shown"
    someone.see("read")
    said = {"model.0.cost_cny": "2,130", "model.0.input_vat_cny": "2,400", "model.0.kg": "16.5"}
    someone.fill(**{"firm.name": "海川显示", "firm.city": "青岛", **said})
    someone.press("web.begun_later")
    someone.page.locator("a.button", has_text="外销台账.csv").click()
    someone.fill(**{"model.0.m3": "0.14", "plant.0.line.0.hours": "6万"})
    someone.fill(**{"model.0.refund_rate": "13"})
    someone.press("web.begin_send")
    assert "2400" in someone.page.locator("[role=alert]").inner_text(), "more tax than cost"
    someone.see("refused")
    someone.fill(**{"model.0.input_vat_cny": "240"})
    someone.press("web.begin_send")
    someone.press("web.plan_run")
    someone.see("running")
    someone.await_job()
    someone.see("plan")
    assert someone.page.locator("[role=alert]").count() == 0
    # of so short a ledger the plan may say to stay, and what to find out first
    moves = someone.page.locator(".moves > li")
    if moves.count():
        moves.first.locator("summary").click()
        assert someone.word("moves.turns") in moves.first.inner_text()
    else:
        assert someone.word("planning.group_find") in someone.reads()
    someone.see("why")


def test_02_example_and_a_move(someone: Traveller) -> None:
    someone.open()
    someone.page.locator(".card-button").first.click()
    someone.page.get_by_role("button", name=someone.word("web.plan_run")).wait_for()
    someone.see("example")
    someone.open("/plan", study="tv")
    someone.page.locator(".moves summary").first.click()
    someone.see("move")
    for part in someone.page.locator("nav.in-page a").all()[1:]:
        assert part.inner_text().strip()
    someone.page.locator("nav.in-page a").nth(1).click()
    someone.see("part")


def test_03_leave_a_move_out(someone: Traveller) -> None:
    someone.open("/plan", study="tv")
    someone.page.locator(".moves .tick input").first.check()
    someone.page.wait_for_url("**without=**")
    ready = someone.page.get_by_role("button", name=someone.word("web.make_ready"), exact=True)
    if ready.count():
        someone.see("not-ready")
        someone.press("web.make_ready")
        someone.await_job()
        someone.open("/plan", study="tv")
        someone.page.locator(".moves .tick input").first.check()
        someone.page.wait_for_url("**without=**")
    assert someone.page.locator(".remade table").count()
    someone.see("without")
    someone.page.get_by_role("link", name=someone.word("web.all_on")).click()
    assert "without" not in someone.page.url


def test_04_heading_put_right(someone: Traveller) -> None:
    place = someone.server.workbench.studies.new("owner", f"mend-{someone.lang}")
    for file in EXAMPLE.iterdir():
        if file.is_file():
            shutil.copy(file, place.folder)
    someone.open("/ledger", study=place.name)
    someone.attach("开票.csv", sales("开票额(万元)"), "#file")
    someone.press("web.drop_send")
    someone.see("doubt")
    if someone.page.locator("#c-column-amount").input_value() == "":
        someone.page.select_option("#c-column-amount", "开票额(万元)")
        someone.page.locator("form.mend button").first.click()
    someone.page.get_by_role("button", name=someone.word("web.ledger_use")).wait_for()
    someone.see("right")
    someone.press("web.ledger_use")
    assert "HC55" in someone.reads(), "which model that is, is asked"
    someone.see("which-model")
    someone.press("web.unknown_same_send")
    assert "/plan" in someone.page.url


def test_10_law_and_its_difference(someone: Traveller) -> None:
    someone.open("/law")
    someone.fill(country="DEU", on="2024-12-31")
    someone.press("web.ask")
    assert "2006/112/EC" in someone.reads()
    someone.see("law")
    someone.fill(country="USA", on="2026-08-01", since="2025-03-01")
    someone.press("web.ask")
    assert someone.page.locator("main li").count()
    someone.see("difference")


def test_13_study_changed_on_its_page(someone: Traveller) -> None:
    """A wrong market is refused at its field, a right one saved and taken back."""
    place = someone.server.workbench.studies.new("owner", f"edit-{someone.lang}")
    for file in EXAMPLE.iterdir():
        if file.is_file():
            shutil.copy(file, place.folder)
    before = place.file.read_bytes()
    someone.open("/edit", study=place.name)
    someone.see("forms")
    field = "[name='markets.must_keep']"
    for typed in ("Mars", "Germany"):
        part = someone.page.locator(f"details.part:has({field})")
        if part.get_attribute("open") is None:
            part.locator("summary h3").click()
        someone.page.fill(field, typed)
        someone.page.locator(f"form:has({field}) button").click()
        wrong = someone.page.locator(f".field:has({field}) [role=alert]")
        assert wrong.count() == (typed == "Mars")
        someone.see(typed.lower())
    assert b"DEU" in place.file.read_bytes()
    someone.press("web.edit_undo")
    assert place.file.read_bytes() == before
