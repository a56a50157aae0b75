"""From questions and a dropped file to a study that any command can run; and what a kill leaves."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from offing.sources.ledger import read_ledger
from offing.study.file import read_study
from web_server import ANSWERS, EXAMPLES, Browser, Served, serving

CHINESE = (
    "海川公司出口明细,,,,,,\n"
    "日期,客户,国别,海关编码,数量(台),开票额(万美元),机型\n"
    "03/05/2024,Muster,德国,852872,100,5.5,A\n"
    "04/06/2024,Otto,火星,852872,100,4.4,A\n"
    "合计,,,,200,9.9,\n"
).encode("gb18030")


class TestBegin:
    def test_answers_become_a_readable_study(self, browser: Browser, server: Served) -> None:
        shown = browser.post("/start/begin", None, **ANSWERS)
        assert shown.url.path == "/plan"
        name = shown.url.params["study"]
        got = browser.get("/start/study.toml", study=name)
        assert "attachment" in got.headers["content-disposition"]
        study = read_study(server.workbench.studies.named("owner", name).file)
        (model,) = study.model
        assert (model.code, model.cost_cny, model.input_vat_cny) == (
            "8528",
            Decimal(2130),
            Decimal(240),
        )
        assert study.capacity(model) == 60_000
        (plant,) = study.plant
        assert plant.line[0].name is not None
        assert plant.line[0].name.en == "the main line", "in the language of the page"
        assert model.refund_rate == Decimal("0.13")
        assert study.shipping.freight_usd_per_m3_fixed == 18
        text = got.text
        assert tomllib.loads(text)["firm"]["name"] == "海川显示"
        marked = [line for line in text.splitlines() if "ILLUSTRATIVE" in line]
        assert len(marked) == 4, "what was left as the example has it"
        assert not any("fixed" in line for line in marked)

    def test_a_study_is_removed_with_all_it_has(self, browser: Browser, server: Served) -> None:
        name = browser.example("workwear")
        folder = server.workbench.studies.named("owner", name).folder
        assert browser.post("/start/remove", study=name).status_code == 200
        assert not folder.exists()

    def test_the_study_it_was_opened_with_stays_as_it_is(self, tmp_path: Path) -> None:
        given = tmp_path / "mine"
        given.mkdir()
        for name in ("study.toml", "ledger.csv"):
            (given / name).write_bytes((EXAMPLES / "tv-maker" / name).read_bytes())
        before = {file.name: file.read_bytes() for file in given.iterdir()}
        with serving(tmp_path / "home", study=given) as served:
            browser = served.browser()
            sent = {"file": ("x.csv", CHINESE)}
            assert browser.post("/ledger/drop", sent, study="mine").status_code == 400
            assert browser.get("/ledger", study="mine").status_code == 200
            browser.post("/start/remove", study="mine")
            assert browser.post("/start/copy", study="mine").url.params["study"] == "mine-2"
        assert {file.name: file.read_bytes() for file in given.iterdir()} == before


class TestLedger:
    def test_a_dropped_file_is_looked_at_put_right_and_used(
        self, browser: Browser, server: Served
    ) -> None:
        study = browser.post("/start/begin", None, **ANSWERS).url.params["study"]
        place = server.workbench.studies.named("owner", study)
        untouched = place.file.read_bytes()
        shown = browser.post("/ledger/drop", {"file": ("出口.csv", CHINESE)}, study=study)
        assert "No plan can rest on this ledger" in shown.text, "开票额 is no heading it knows"
        assert "出口.csv" in shown.text
        told = browser.post(
            "/ledger/mend", None, **{"study": study, "column-amount": "开票额(万美元)"}
        )
        assert "can be read in two ways" in told.text, "03/05 is asked about"
        told = browser.post(
            "/ledger/mend",
            None,
            **{"study": study, "column-amount": "开票额(万美元)", "dates": "day-first"},
        )
        assert "3 May 2024" in told.text.replace("\N{NO-BREAK SPACE}", " ")
        assert "55,000" in told.text, "万美元 is understood"
        assert "火星" in told.text, "the bad row stands there with its reason"
        data = browser.get("/ledger.json", study=study).json()["data"]
        assert (data["good"], data["bad"], data["left_out"]) == (1, 1, {"reference.total_line": 1})
        assert place.file.read_bytes() == untouched, "nothing has changed yet"
        used = browser.post("/ledger/use", study=study)
        assert used.url.path == "/plan"
        ledger = read_study(place.file).ledger
        assert ledger is not None
        assert ledger.columns == {"amount": "开票额(万美元)"}
        lines = read_ledger(place.folder / ledger.file, columns=ledger.columns, dates=ledger.dates)
        assert lines.sales["amount"].to_list() == [55_000]

    def test_a_layout_that_was_put_right_is_remembered(self, browser: Browser) -> None:
        study = browser.post("/start/begin", None, **ANSWERS).url.params["study"]
        again = CHINESE.replace(b"100,5.5", b"200,6.5")
        shown = browser.post("/ledger/drop", {"file": ("新.csv", again)}, study=study)
        assert "65,000" in shown.text


def test_a_killed_server_loses_no_study(tmp_path: Path) -> None:
    """It is killed while a study is being run, and started again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def started() -> subprocess.Popen[bytes]:
        begun = subprocess.Popen(
            [
                sys.executable, "-m", "offing", "serve", "--no-browser",
                "--port", str(port), "--home", str(tmp_path),
            ],
            stdout=subprocess.DEVNULL,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                return begun
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("it does not start")

    first = started()
    browser = Browser(f"http://127.0.0.1:{port}")
    study = browser.post("/start/begin", None, **ANSWERS).url.params["study"]
    browser.post("/plan/run", study=study)
    before = browser.get("/start/study.toml", study=study).content
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = started()
    try:
        assert browser.get("/start/study.toml", study=study).content == before
        assert browser.get("/plan", study=study).status_code == 200
        assert browser.post("/plan/run", study=study).status_code == 200
        assert browser.post("/plan/stop", study=study).status_code == 200
    finally:
        browser.http.close()
        second.terminate()
        second.wait()


def test_a_study_file_is_replaced_in_one_step(
    browser: Browser, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = server.workbench.studies.named("owner", browser.example())
    before = place.file.read_bytes()

    def full(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="full"):
        server.workbench.studies.rewrite(place, place.file.read_text("utf-8") + "\n# more\n")
    assert place.file.read_bytes() == before
    assert not list(place.folder.glob(".*")), "no half of a file is left"


def test_a_newer_ledger_asks_to_move_the_study_s_day(browser: Browser, server: Served) -> None:
    study = browser.example()
    file = server.workbench.studies.named("owner", study).file
    text = file.read_text("utf-8")
    on = read_study(file).on
    assert "/ledger/day" not in browser.get("/plan", study=study).text
    earlier = f"on = {on.replace(year=on.year - 1)}"
    file.write_text(re.sub(r"^on = \S+", earlier, text, flags=re.MULTILINE), "utf-8")
    for page in ("/ledger", "/plan"):
        assert "/ledger/day" in browser.get(page, study=study).text
    assert browser.post("/ledger/day", None, study=study).url.path == "/plan"
    assert read_study(file).on > on.replace(year=on.year - 1)
    assert "/ledger/day" not in browser.get("/plan", study=study).text
