"""The refund of a study's products: a month that is not there, a price that is not on board."""

from pathlib import Path
from typing import Any

import offing
from cautions import keyed
from shared_data import ROOT

STUDY = (ROOT / "examples" / "workwear" / "study.toml").read_text("utf-8")


MONTH = "export_fob_cny = 9_648_500\n"


def asked(folder: Path, text: str) -> Any:
    file = folder / "study.toml"
    file.write_text(text, encoding="utf-8")
    return offing.refund(study=file)


def test_a_month_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A table of noughts is of a firm that exports nothing; a 0 that was written is meant."""
    assert MONTH in STUDY
    keys = {key for key, _ in keyed(asked(tmp_path, STUDY).cautions)}
    assert "refund.no_month" not in keys
    assert "refund.no_month" in {
        k for k, _ in keyed(asked(tmp_path, STUDY.replace(MONTH, "")).cautions)
    }
    nought = STUDY.replace(MONTH, "export_fob_cny = 0\n")
    assert "refund.no_month" not in {k for k, _ in keyed(asked(tmp_path, nought).cautions)}
