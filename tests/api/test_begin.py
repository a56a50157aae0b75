"""A study is begun from a ledger: its folder, what waits to be filled in, and that it then runs."""

import csv
import re
import tomllib
from pathlib import Path

import openpyxl
import pytest

import offing
from cautions import keyed
from offing.cli.app import run
from offing.report.blocks import Table
from offing.report.views.ledger import view
from offing.sources.rate_library import MEMORY
from offing.study.file import read_study
from shared_data import ROOT

LEDGER = ROOT / "tests" / "museum" / "studies" / "tv-maker" / "ledger.csv"
HEADINGS = "Date,Market,HS,Model,Quantity,Amount,Currency\n"
FIGURES = {
    "name": '"Lu"', "city": '"Qingdao"', "cost_cny": "400", "input_vat_cny": "40", "kg": "20",
    "m3": "0.15", "hours": "90000", "refund_rate": "0.13", "shipment_units": "300",
    "inland_usd_per_m3": "6.5", "export_clearance_usd": "150", "freight_usd_per_m3_fixed": "14",
    "freight_usd_per_m3_1000km": "2.1",
}  # fmt: skip


def filled(file: Path, leave: tuple[str, ...] = ()) -> None:
    """The firm's figures in the place of the marks."""
    text = file.read_text("utf-8")

    def figure(found: re.Match[str]) -> str:
        name = found[1]
        return found[0] if name in leave else f"{name} = {FIGURES[name]}"

    file.write_text(re.sub(r"^#\? (\w+) =", figure, text, flags=re.MULTILINE), "utf-8")


def test_what_is_begun_runs_once_it_is_filled_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    assert run(["begin", str(LEDGER), str(folder), "--lang", "en"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert f"{folder / 'study.toml'} is written, with the ledger beside it." in out
    assert "offing run" in out
    assert (folder / "ledger.csv").read_bytes() == LEDGER.read_bytes()
    assert run(["run", str(folder), "--out", str(tmp_path / "out"), "--lang", "en"]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert "The study does not have: [firm], name, city;" in error
    assert "[[model]] 1, cost_cny, input_vat_cny, kg, m3;" in error
    filled(folder / "study.toml")
    study = read_study(folder / "study.toml")
    assert {model.key for model in study.model} >= {"HC-55Q", "HC-65M"}
    assert run(["plan", str(folder), "--lang", "en"]) == 0
    assert "65" in capsys.readouterr().out


def test_the_answer_names_what_waits(tmp_path: Path) -> None:
    answer = offing.begin(LEDGER, tmp_path / "mine")
    text = answer.file.read_text("utf-8")
    assert len(answer.to_fill) == text.count("\n#? ")
    assert set(answer.to_fill) == set(FIGURES)
    assert [one.model.name for one in answer.found.shown][:1] == ["HC-65M"]
    # Of the last twelve months alone, at FOB: against the lines themselves.
    data = answer.data()
    assert data["models"][0]["code"] == "8528"
    assert sum(one["units"] for one in data["models"]) > 10_000


def test_how_the_ledger_is_read_stands_in_the_study(tmp_path: Path) -> None:
    ledger = tmp_path / "sales.csv"
    ledger.write_text(
        "Day,Ship to,HS,Style,Pieces,Worth\n03/05/2024,Germany,852872,T1,10,1000\n"
        "04/06/2024,Germany,852872,T1,10,1200\n"
    )
    made = offing.begin(
        ledger, tmp_path / "s", column=["market=Ship to", "amount=Worth"], currency="USD",
        dates="day-first",
    )  # fmt: skip
    read = tomllib.loads(made.file.read_text("utf-8"))["ledger"]
    assert read == {
        "file": "sales.csv",
        "columns": {"market": "Ship to", "amount": "Worth"},
        "currency": "USD",
        "dates": "day-first",
        "keep_prices": True,
    }
    filled(made.file)
    assert read_study(made.file).ledger is not None


def test_a_rate_that_is_known_is_written_with_its_source(tmp_path: Path) -> None:
    """Lithium cells are in the rulebook by code and day; what is not known waits."""
    ledger = tmp_path / "sales.csv"
    rows = "2024-05-03,Germany,{code},{model},10,1000,USD\n"
    ledger.write_text(
        HEADINGS
        + rows.format(code="8507600090", model="cell")
        + rows.format(code="8528724000", model="set")
    )
    text = offing.begin(ledger, tmp_path / "s").file.read_text("utf-8")
    cell, tv = text.split('key = "cell"')[1], text.split('key = "set"')[1]
    assert re.search(r"^refund_rate = 0(\.\d+)? # .*8507600090", cell, re.MULTILINE)
    assert re.search(r"^#\? refund_rate = # .*8528724000", tv, re.MULTILINE)
    assert not (tmp_path / MEMORY).exists()


def test_a_folder_with_files_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "mine.txt").write_text("x")
    assert run(["begin", str(LEDGER), str(tmp_path / "s"), "--lang", "zh"]) == 2
    assert "保持不动" in capsys.readouterr().err
    (tmp_path / "file").write_text("x")
    assert run(["begin", str(LEDGER), str(tmp_path / "file"), "--lang", "en"]) == 2
    assert [file.name for file in (tmp_path / "s").iterdir()] == ["mine.txt"]


def test_a_ledger_in_yuan_under_dollars_is_asked_about(tmp_path: Path) -> None:
    """Sets at 700 dollars are dear; at 5,000 all over the world they are in yuan."""
    for factor, asked in ((1, False), (7.1, True)):
        file = tmp_path / f"ledger-{factor}.csv"
        prices = {"United States": 700, "Canada": 643, "Mexico": 761, "Korea": 744}
        rows = [
            f"2024-05-0{n + 1},{market},852872,A,100,{100 * price * factor:.0f},USD\n"
            for n, (market, price) in enumerate(prices.items())
        ]
        file.write_text(HEADINGS + "".join(rows), "utf-8")
        keys = {key for key, _ in keyed(offing.begin(file, tmp_path / f"study-{factor}").cautions)}
        assert ("book.warn_yuan" in keys) is asked
        assert ("book.warn_yuan" in {note.key for note in offing.book(file).notes}) is asked


def workbook(folder: Path, **sheets: str) -> Path:
    """A ledger on several sheets, each with its lines as text."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, lines in sheets.items():
        sheet = made.create_sheet(name)
        for row in csv.reader((HEADINGS + lines).splitlines()):
            sheet.append(row)
    file = folder / "ledger.xlsx"
    made.save(file)
    return file


def test_what_is_shown_before_a_study_begins_is_what_it_takes(tmp_path: Path) -> None:
    """All sheets, each with its own top and its lines; the file's first sheet alone is the old."""
    old, new = "2023-05-03,DE,852872,A,1,100,USD\n", "2024-05-03,JP,852872,B,1,200,USD\n"
    new += new.replace("05-03", "06-03")
    file = workbook(tmp_path, Y2023=old, Y2024=new)
    answer = offing.ledger(file)
    assert answer.data()["sheets"] == {"Y2023": 1, "Y2024": 2}
    shown = {block.id: block for block in view(answer) if isinstance(block, Table)}
    assert [len(shown[name].rows) for name in ("first-rows", "first-rows-2", "as-read")] == [
        1,
        2,
        3,
    ]
    assert "Y2024" in shown["first-rows-2"].caption
    assert "Read from 2 sheets" in " ".join(str(answer).split())
    first = offing.ledger(file, sheet="Y2023")
    assert first.data()["sheets"] == {}
    assert "sheets of the workbook" not in str(first)


def test_the_prices_of_a_begun_study_hold_where_the_ledger_has_them(tmp_path: Path) -> None:
    """Nobody asked for another price: Germany pays 300 and Japan 500, the mean asks for neither."""
    ledger = tmp_path / "l.csv"
    lines = [f"2024-{m:02}-03,{c},852872,A,10,{p},USD" for m in (4, 5, 6)
             for c, p in (("DE", 3000), ("JP", 5000))]  # fmt: skip
    ledger.write_text(HEADINGS + "\n".join(lines) + "\n")
    begun = offing.begin(ledger, tmp_path / "mine")
    filled(begun.file)
    assert not offing.plan(tmp_path / "mine").planned.decided.asked
    text = begun.file.read_text("utf-8")
    begun.file.write_text(text.replace("keep_prices = true", "keep_prices = false"))
    assert offing.plan(tmp_path / "mine").planned.decided.asked
