"""``offing gravity``, as a person runs it, on careful and careless input."""

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from offing import gravity
from offing.api.gravity import GravityAnswer
from offing.cli.app import run as offing
from offing.report.views.gravity import view as told
from offing.terms.countries import all_countries
from offing.terms.messages import say

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


def test_the_two_way_error_is_called_cautious_only_where_clusters_are_enough() -> None:
    """With 2 exporters it lies below the error without clusters."""
    codes = [*all_countries()][:60]  # some have no distance
    words = say("gravity.errors_cautious")
    rng = np.random.default_rng(2)
    for sellers, enough in ((codes[:2], False), (codes, True)):
        rows = [(2023, "8501", a, b, x) for a in sellers for b in codes if a != b
                for x in rng.lognormal(12, 1, 1)]  # fmt: skip
        names = ["year", "product", "exporter", "importer", "value_usd"]
        answer = gravity("8501", flows=pl.DataFrame(rows, names, orient="row"))
        assert isinstance(answer, GravityAnswer)
        few = "gravity.few_clusters" in [caution.key for caution in answer.cautions]
        assert (words in str(told(answer))) == enough == (not few)
        hc, both = (answer.fit.standard_errors(kind)[0] for kind in ("hc", "both"))
        assert enough or (both[0] < hc[0] or np.isnan(both[0]))
