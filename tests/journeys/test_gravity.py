"""``offing gravity``, as a person runs it, on careful and careless input."""

import json
import subprocess
import sys

import pytest

from offing.cli.app import run as offing

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")


@pytest.mark.parametrize("by", ["gravity", "blue_ocean"])
def test_markets_show_what_they_are_ranked_by(by: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert offing(["markets", "8528", "--origin", "CHN", "--by", by, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    scores = [segment["score"] for segment in made["ranking"]["segments"]]
    assert scores == sorted(scores, reverse=True)
    assert {s["rival"] for s in made["backtest"]["scores"]} >= {by, "persistence", "size"}
    assert made["total"]["shown"] is False


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["gravity", "8528"], 2, "offing[gravity]"),
        (["backtest", "--product", "8528", "--horizon", "2"], 0, "Gravity was not compared"),
    ],
)
def test_without_numba(arguments: list[str], code: int, part: str) -> None:
    """An installation without the extra: the rest works, and it says what is missing."""
    program = (
        "import sys, importlib.util as u; sys.modules['numba'] = None; real = u.find_spec; "
        "u.find_spec = lambda name, *a: None if name == 'numba' else real(name, *a); "
        f"from offing.cli.app import run; sys.exit(run({arguments!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert part in " ".join((done.stdout + done.stderr).split())
