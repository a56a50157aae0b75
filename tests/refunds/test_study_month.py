"""The refund of a study's products: a month that is not there, a price that is not on board."""

from pathlib import Path
from typing import Any

import pytest

import offing
from cautions import keyed
from offing.terms.errors import InputError
from shared_data import ROOT

STUDY = (ROOT / "examples" / "workwear" / "study.toml").read_text("utf-8")
TERM = 'price_term = "FOB"'


def asked(folder: Path, text: str) -> Any:
    file = folder / "study.toml"
    file.write_text(text, encoding="utf-8")
    return offing.refund(study=file)


def test_a_model_that_is_not_priced_on_board_is_left_out_and_named(tmp_path: Path) -> None:
    answer = asked(tmp_path, STUDY.replace(TERM, 'price_term = "CIF"', 1))
    keys = [one.facts.key for one in answer.products]
    assert "TR-OEM" not in keys
    assert keys
    said = dict(keyed(answer.cautions))["refund.not_on_board"]
    assert said == {"models": "TR-OEM", "terms": "CIF"}
    with pytest.raises(InputError) as refused:
        asked(tmp_path, STUDY.replace(TERM, 'price_term = "CIF"'))
    assert refused.value.key == "refund.study_term"
