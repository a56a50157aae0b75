"""Commands by other words, and names that stand in the place of a file."""

from pathlib import Path

import pytest

import offing
from offing.cli.app import run
from offing.cli.commands import COMMANDS
from offing.cli.usage import OTHERWISE
from offing.terms.errors import InputError
from shared_data import ROOT


@pytest.mark.parametrize(
    ("typed", "meant"), [("init", "begin"), ("报价", "quote"), ("web", "serve")]
)
def test_a_word_for_a_command_leads_to_it(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([typed, "--lang", "en"]) == 2
    assert f"did you mean {meant}?" in " ".join(capsys.readouterr().err.split())


def test_words_lead_to_commands_that_are_there_and_are_none_themselves() -> None:
    assert set(OTHERWISE) <= set(COMMANDS)
    words = " ".join(OTHERWISE.values()).split()
    assert len(words) == len(set(words))
    assert not set(words) & set(COMMANDS)


def test_a_shock_in_the_place_of_a_reform_says_how_it_is_asked_for(tmp_path: Path) -> None:
    study = ROOT / "examples" / "tv-maker"
    with pytest.raises(InputError) as refused:
        offing.whatif(study, "us-tariffs-2018")
    assert refused.value.key == "policy.is_a_shock"
    assert 'stress="us-tariffs-2018"' in str(refused.value)
