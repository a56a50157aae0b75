"""National tariff lines of a study's model: shown with the tariff's words, one is kept."""

import shutil
import tomllib
from pathlib import Path

import pytest

import offing
from offing.cli.app import run
from offing.report.blocks import Folded, Table
from offing.report.views.rules import duty_told
from offing.report.views.rules import view_lines as view
from offing.study.file import read_study
from offing.terms.errors import InputError, OffingError
from offing.terms.numbers import fixed_decimals
from web_server import EXAMPLES

MODEL = "HC-65M"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The example without its lines."""
    for file in (EXAMPLES / "tv-maker").iterdir():
        if file.is_file():
            shutil.copy(file, tmp_path)
    path = tmp_path / "study.toml"
    text = path.read_text("utf-8")
    path.write_text("\n".join(x for x in text.split("\n") if "national_codes" not in x), "utf-8")
    return path


def test_every_line_is_shown_with_the_tariff_s_words_those_that_fit_first(study: Path) -> None:
    answer = offing.lines(study, "USA", of=MODEL)
    assert len(answer.lines) > 12, "all of them"
    assert len({line.words for line in answer.lines}) > 6
    assert answer.lines[0].code.startswith("852872")
    assert {line.duty for line in answer.lines} > {"Free"}
    priced = [line for line in answer.lines if line.landed is not None]
    assert len({line.landed for line in priced}) > 1, "what each brings"
    first, rest = tuple(view(answer))[1:3]
    assert isinstance(first, Table)
    assert isinstance(rest, Folded)
    assert isinstance(rest.blocks[0], Table)
    assert len(first.rows) + len(rest.blocks[0].rows) == len(answer.lines)
    small = offing.lines(study, "USA", of=MODEL, words="Exceeding not 34.29").lines
    assert small == tuple(x for x in answer.lines if "not exceeding 34.29" in x.words.casefold())
    assert 0 < len(small) < len(answer.lines) / 2
    with pytest.raises(InputError) as caught:
        offing.lines(study, "USA", of=MODEL, words="of gold")
    assert caught.value.key == "rules.no_line_says"


def test_the_chosen_line_stands_in_the_study_and_decides_the_quote(study: Path) -> None:
    with pytest.raises(InputError) as caught:
        offing.quote("USA", study=study, of=MODEL)
    assert caught.value.key == "landed.several_lines"
    kept = offing.lines(study, "USA", of=MODEL, keep="8528.72.64")
    assert kept.chosen == "85287264"
    number = next(at for at, one in enumerate(read_study(study).model) if one.key == MODEL)
    model = tomllib.loads(study.read_text("utf-8"))["model"][number]
    assert model["national_codes"] == {"USA": "85287264"}
    line = next(one for one in kept.lines if one.code == "85287264")
    quoted = offing.quote("USA", study=study, of=MODEL).quote
    assert line.landed == quoted.landed / quoted.quantity
    beside = [one for one in quoted.lines if one.stage == "duty" and one.name != "duty"]
    assert line.charges == tuple((one.name, one.per_unit) for one in beside if one.amount)
    assert line.charges, "what is due beside the duty stands by it"
    assert f"Section 301, list 4A {fixed_decimals(line.charges[0][1], 2)}" in duty_told(line)
    assert "The study has 85287264." in str(tuple(view(kept))[-1])


def test_a_line_of_another_country_is_refused_and_nothing_is_written(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = study.read_bytes()
    for other in ("8528722200", "84137020"):
        with pytest.raises(InputError) as caught:
            offing.lines(study, "USA", of=MODEL, keep=other)
        assert caught.value.key == "rules.no_such_line"
    assert study.read_bytes() == before
    words = ["lines", str(study.parent), "USA", "--product", MODEL, "--lang", "en"]
    assert run([*words, "--keep", "8528722200"]) == 2
    assert "another country's tariff" in " ".join(capsys.readouterr().err.split())
    with pytest.raises(InputError) as caught:
        offing.lines(study, "USA")
    assert caught.value.key == "landed.which_product"


def test_where_all_lines_have_one_duty_there_is_nothing_to_choose(study: Path) -> None:
    answer = offing.lines(study, "ARE", of=MODEL)
    assert answer.lines == ()
    assert "no line of its own" in str(tuple(view(answer)))


def test_a_quote_takes_the_study_s_own_duty_where_no_other_is_known(study: Path) -> None:
    """Thailand's tariff does not come with offing; what is asked for goes first."""
    quoted = offing.quote("THA", study=study, of=MODEL).quote
    (duty,) = (line for line in quoted.lines if line.name == "duty")
    assert duty.base is not None
    assert duty.amount == round(duty.base / 10, 2)
    other = offing.quote("THA", study=study, of=MODEL, duty="20%").quote
    assert next(line for line in other.lines if line.name == "duty").amount > duty.amount
    study.write_text(study.read_text("utf-8").replace("THA = 0.10", ""), "utf-8")
    with pytest.raises(OffingError) as caught:
        offing.quote("THA", study=study, of=MODEL)
    assert caught.value.key == "landed.no_line_for"
