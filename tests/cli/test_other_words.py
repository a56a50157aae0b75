"""Names that stand in the place of a file."""

from pathlib import Path

import pytest

import offing
from offing.terms.errors import InputError
from shared_data import ROOT


def test_a_shock_in_the_place_of_a_reform_says_how_it_is_asked_for(tmp_path: Path) -> None:
    study = ROOT / "examples" / "tv-maker"
    with pytest.raises(InputError) as refused:
        offing.whatif(study, "us-tariffs-2018")
    assert refused.value.key == "policy.is_a_shock"
    assert 'stress="us-tariffs-2018"' in str(refused.value)
