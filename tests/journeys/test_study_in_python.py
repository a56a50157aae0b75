"""A study asked in Python: the same answers as on the command line, as tables and in a notebook."""

from pathlib import Path

import pytest

import offing

EXAMPLE = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker"

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shared_study")]


def test_a_run_writes_what_the_command_writes(finished: Path, tmp_path: Path) -> None:
    answer = offing.run(EXAMPLE, out=tmp_path / "tv")
    for file in finished.iterdir():
        assert (tmp_path / "tv" / file.name).read_bytes() == file.read_bytes(), file.name
    assert answer.table.height == len(answer.result.plan.rows)
    assert "<table>" in str(answer._repr_html_())


def test_a_what_if_compares(tmp_path: Path) -> None:
    answer = offing.whatif(EXAMPLE, EXAMPLE / "reform.toml", out=tmp_path / "w")
    made = answer.data()
    assert made.after.duty < made.before.duty
    assert made.after.refund < made.before.refund
    # Germany's duty goes and its buyers take more; elsewhere only the refund falls.
    sides = {one.market: (one.before, one.after) for one in made.segments}
    (was, now), (japan, later) = sides["DEU"], sides["JPN"]
    assert was is not None
    assert now is not None
    assert japan is not None
    assert later is not None
    assert now.units > was.units
    assert later.margin_rate < japan.margin_rate
    assert (tmp_path / "w" / "report.html").exists()
    assert "→" in str(answer._repr_html_())
