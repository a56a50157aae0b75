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
