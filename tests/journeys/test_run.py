"""The main job as its user runs it: a study becomes a folder of results, or nothing changes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offing.cli.app import run as offing
from offing.study.result import from_json

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "tests" / "museum" / "studies" / "tv-maker"
FILES = {"report.html", "plan.xlsx", "result.json", "manifest.json"}


LOOKS = pytest.mark.usefixtures("shared_study")
"""Looks at what becomes of a study that another test may have run already."""


def test_the_plan_is_settled_as_one_book(finished: Path) -> None:
    result = from_json((finished / "result.json").read_text(encoding="utf-8"))
    made = result.settlement
    assert made is not None
    assert result.decided is not None
    levelled = {row.market: row.sales_usd for row in result.plan.rows if row.sales_usd > 0}
    planned = {market: usd / result.decided.factor for market, usd in levelled.items()}
    settled = {line.market: line.sales_usd for line in made.lines if line.market}
    assert settled == pytest.approx(planned, rel=1e-5)
    (payable,) = [line for line in made.lines if not line.market]
    assert payable.sales_usd == pytest.approx(-12e6, rel=1e-5)
    currencies = {line.market: line.currency for line in made.lines}
    assert currencies["DEU"] in ("EUR", "USD")
    assert currencies["USA"] == "USD"
    assert made.within
    assert made.expected_cny - made.low_cny <= 0.02 * made.receivables_cny * (1 + 1e-6)
    assert made.low_cny >= made.low_added_cny
    (dollar,) = [each for each in made.nettings if each.currency == "USD"]
    assert float(dollar.payable) == 12e6 * 45 / 360
    page = (finished / "report.html").read_text(encoding="utf-8")
    assert 'id="settlement"' in page


def test_plan_keeps_its_promises(finished: Path) -> None:
    result = from_json((finished / "result.json").read_text(encoding="utf-8"))
    plan = result.plan
    assert plan.sales_usd > 0
    planned = [row for row in plan.rows if row.sales_usd > 0]
    assert max(row.sales_usd for row in planned) <= 0.25 * plan.sales_usd * (1 + 1e-6)
    assert all(share <= 1 + 1e-6 for _, share in plan.capacity_used)
    assert all((row.low_usd or 0) <= row.sales_usd <= (row.high_usd or 0) for row in planned)
    assert sum(row.units for row in planned) <= 130_000 * (1 + 1e-6)
    decided = result.decided
    assert all((move.chance or 0) >= decided.threshold for move in decided.moves)
    assert all(move.gain_cny is None or move.gain_cny > 0 for move in decided.moves)
    assert all(move.reason for move in decided.not_yet)
    # With the literature's elasticity alone no price is moved.
    kinds = {kind for move in decided.moves for kind in move.kinds}
    assert not kinds & {"dearer", "cheaper"}
    assert decided.plan.mean >= decided.today.mean
    assert len(result.products[0].markets) == 19
    quoted = {m.market for m in result.products[0].markets if m.quote}
    assert {"DEU", "FRA", "GBR", "USA"} <= quoted
    assert all(rule.source for rule in result.rules if rule.status != "user")


@LOOKS
def test_same_study_is_written_in_the_same_bytes(finished: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert offing(["run", str(EXAMPLE), "--out", str(again)]) == 0
    for name in sorted(FILES):
        assert (again / name).read_bytes() == (finished / name).read_bytes(), name


def test_foreign_folder_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter1.txt").write_text("years of work", encoding="utf-8")
    assert offing(["run", str(EXAMPLE), "--out", str(folder)]) == 2
    assert (folder / "chapter1.txt").read_text(encoding="utf-8") == "years of work"
    assert "did not write" in capsys.readouterr().err


def test_a_study_does_not_look_into_its_future(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "study.toml"
    text = (EXAMPLE / "study.toml").read_text(encoding="utf-8")
    study.write_text(text.replace("on = 2024-12-31", "on = 2010-01-04"), encoding="utf-8")
    (tmp_path / "ledger.csv").write_bytes((EXAMPLE / "ledger.csv").read_bytes())
    assert offing(["run", str(study), "--out", str(tmp_path / "out")]) == 2
    assert "2019" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_kill_leaves_the_old_results(
    finished: Path, tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "tv"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_bytes((finished / name).read_bytes())
    program = "from offing.cli.app import main; print('begun', flush=True); main()"
    child = subprocess.Popen(
        [sys.executable, "-c", program, "run", str(EXAMPLE), "--out", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"begun\n"
    time.sleep(1)
    child.send_signal(number)
    _, error = child.communicate(timeout=60)
    assert {name: (folder / name).read_bytes() for name in FILES} == {
        name: (finished / name).read_bytes() for name in FILES
    }
    if number == signal.SIGINT and child.returncode != 0:
        # A shell calls both 130. Python itself leaves by the signal where the interrupt met a text
        # that it was compiling, however well that was answered.
        assert child.returncode in (130, -signal.SIGINT), error.decode()
        assert b"Stopped." in error or child.returncode == -signal.SIGINT
        assert b"Traceback" not in error
