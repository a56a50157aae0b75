"""``offing survival``, as a person runs it, and what it counts, by hand."""

import pytest

from offing.cli.app import run as offing


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["8528", "--gap", "9"], "0 to 5"),
        (["9999"], "9999"),
        (["8528", "--origin", "KIR"], "above zero"),
        (["8528", "--out", "x.xls"], ".parquet"),
    ],
)
def test_careless_use_is_explained(
    arguments: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offing(["survival", *arguments]) == 2
    assert part in " ".join(capsys.readouterr().err.split())
