"""Ten firms' files from the drop to a first screen in Chromium: answers given, minutes, sales kept.

An answer is a field that is typed or chosen, or a table that is pasted; of buttons none is one.
Runs where ``OFFING_JOURNEYS`` names a folder for pictures, as ``test_journeys.py``.
"""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from journeys.ten_files import TEN, FirmFile, planted_world
from offing.terms.messages import say, using_language
from offing.web import jobs as work
from offing.web.pages import plan
from sources.test_fetching import Manners
from sources.test_fetching import serving as publishing
from web_server import Served, serving

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = os.environ.get("OFFING_JOURNEYS")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
    pytest.mark.skipif(not PICTURES, reason="`make journeys` runs them"),
]
LEAST = 0.95
"""Share of a firm's sales that its plan has."""


@contextmanager
def chromium(lang: str) -> Iterator[Any]:
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(locale="zh-CN" if lang == "zh" else "en-GB")
        context.set_default_timeout(60_000)
        yield context.new_page()
        browser.close()


class Clerk:
    """Someone at a browser who knows the firm's figures and writes no TOML."""

    def __init__(self, page: Any, file: FirmFile, base: str) -> None:
        self.page, self.file, self.base, self.answers = page, file, base, list[str]()

    def word(self, key: str) -> str:
        with using_language("zh" if self.file.lang == "zh" else "en"):
            return say(key)

    def answer(self, where: str, value: str) -> None:
        self.page.locator(where).first.fill(value)
        self.answers.append(f"{where} = {value.splitlines()[0][:40]}")

    def press(self, key: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=self.word(key), exact=True).first.click()

    def see(self, name: str) -> None:
        file = Path(PICTURES or "") / f"ten-{self.file.firm}-{name}.png"
        self.page.screenshot(path=file, full_page=True)

    def drop(self) -> None:
        self.page.goto(self.base)
        sent = {"name": self.file.name, "mimeType": "", "buffer": self.file.content}
        self.page.set_input_files("#file", sent)
        self.press("web.drop_send")

    def say_what_is_asked(self) -> None:
        """The currency of a bare sign, and the HS codes of models: typed from their papers."""
        if self.page.locator("input#currency").count():
            self.answer("input#currency", "USD")
            self.press("web.ledger_again")
        codes = self.page.locator("[name^='code.']")
        for at in range(codes.count()):
            label = self.page.locator(f"label[for='f-code.{at}']").inner_text()
            (good,) = (good for good in self.file.goods if good.model in label)
            self.answer(f"[name='code.{at}']", good.code)
        if codes.count():
            self.see("codes")
            self.press("web.codes_send")

    def fill(self) -> None:
        """The firm, what it can make, and one table of all models, pasted."""
        self.see("read")
        headings = self.page.locator("fieldset legend").all_inner_texts()
        rows = ["型号\t单位成本\t进项税\t毛重\t体积\t退税率"]
        for heading in (text for text in headings if " · " in text):
            name = heading.rsplit(" · ", 1)[0]
            parts = {*name.split("|"), *name.split(" ")}
            likely = [g for g in self.file.goods if {g.zh, g.en, g.model} & parts]
            rows.append("\t".join([name, *likely[0].figures.values()]))
        self.answer("#pasted", "\n".join(rows))
        self.press("web.table_take")
        self.answer("[name='firm.name']", f"{self.file.firm} 公司")
        self.answer("[name='firm.city']", "宁波")
        self.answer("[name='plant.0.line.0.hours']", "2000000")
        self.see("filled")
        self.press("web.begin_send")

    def fetch_world(self) -> None:
        if self.page.get_by_role("button", name=self.word("web.world_fetch")).count():
            self.press("web.world_fetch")
            self.page.wait_for_selector("[data-progress]", state="detached", timeout=300_000)

    def run(self) -> str:
        self.press("web.plan_run")
        self.page.wait_for_selector("[data-progress]", state="detached", timeout=500_000)
        self.see("screen")
        return str(self.page.inner_text("main"))


@pytest.mark.parametrize("file", TEN, ids=[file.firm for file in TEN])
def test_a_firm_s_own_file_comes_to_a_first_screen(
    file: FirmFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(PICTURES or "").mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("OFFING_WAREHOUSE", str(tmp_path / "warehouse"))
    manners = Manners(body=planted_world())
    with publishing(manners) as url, serving(tmp_path / "bench") as served:
        address = url.replace("file", "BACI_HS17_V202601")
        monkeypatch.setattr(plan, "fetch_world", partial(work.fetch_world, url=address))
        with chromium(file.lang) as page:
            began = time.monotonic()
            clerk = Clerk(page, file, served.base)
            clerk.drop()
            clerk.say_what_is_asked()
            clerk.fill()
            clerk.fetch_world()
            shown = clerk.run()
            minutes = (time.monotonic() - began) / 60
        share = share_in_plan(served, file)
    told = f"{len(clerk.answers)} answers, {minutes:.1f} min, {share:.1%} of sales"
    (Path(PICTURES or "") / f"ten-{file.firm}.txt").write_text(
        "\n".join([told, *clerk.answers]), encoding="utf-8"
    )
    assert clerk.word("report.answer_heading") in shown
    assert len(clerk.answers) <= (5 if file.declares else 12)
    assert minutes <= (3 if file.declares else 10)
    assert share >= LEAST


def share_in_plan(served: Served, file: FirmFile) -> float:
    """Of what was planted in the twelve months before the study's day, in the plan's base."""
    (name,) = served.studies()
    place = served.workbench.studies.named("owner", name)
    result = served.workbench.results.result(place)
    assert result is not None
    assert re.match(r"\w", name)
    now = sum(row.sales_now_usd for row in result.plan.rows)
    return float(now) / file.planted_usd
