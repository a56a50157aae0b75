"""One unit that slipped in a case is blamed, and not the figures that come of it."""

from pathlib import Path

import pytest

from offing.cases.checking import check_file
from offing.cli.app import run

RIGHT = {"export_fob_cny": "1000", "levy_rate": "0.13", "rebate_rate": "0.09",
         "domestic_sales": "100", "domestic_rate": "0.13", "input_tax": "150"}  # fmt: skip
EXPECTED = "{nondeductible: 40, ecr: 90, refund: 90}"
"""By hand: 1,000 × 4 % and 1,000 × 9 %; of 13 − (150 − 40) = −97 the smaller, 90, is refunded."""


def case(folder: Path, **given: str) -> Path:
    inputs = ", ".join(f"{name}: {value}" for name, value in {**RIGHT, **given}.items())
    file = folder / "case.yaml"
    file.write_text(
        f"cases:\n- {{id: ONE, method: ecr, inputs: {{{inputs}}}, expected: {EXPECTED}}}\n", "utf-8"
    )
    return file


def test_the_case_holds_as_it_is(tmp_path: Path) -> None:
    (checked,) = check_file(case(tmp_path)).cases
    assert checked.ok
    assert not checked.slip


@pytest.mark.parametrize("given", ["0.1", "100000", "10000000", "10000"])
def test_the_input_that_slipped_is_named(
    tmp_path: Path, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In 万元, in per cent of it, with two noughts too many: every figure misses."""
    (checked,) = check_file(case(tmp_path, export_fob_cny=given)).cases
    assert len(checked.misses) == 3
    assert {name: float(str(value)) for name, value in checked.slip.items()} == {
        "export_fob_cny": 1000
    }
    assert run(["check", str(case(tmp_path, export_fob_cny=given))]) == 1
    assert "every figure holds with export_fob_cny = 1000." in " ".join(
        capsys.readouterr().out.split()
    )


def test_two_slips_or_other_figures_blame_nobody(tmp_path: Path) -> None:
    for given in ({"export_fob_cny": "0.1", "input_tax": "1"}, {"export_fob_cny": "1234"}):
        (checked,) = check_file(case(tmp_path, **given)).cases
        assert not checked.ok
        assert not checked.slip
