"""Studies of earlier versions run: none of them may be left behind."""

from pathlib import Path

import pytest

import offing
from offing.study.file import read_study

STUDIES = Path(__file__).resolve().parents[1] / "museum" / "studies"
OLD = sorted(STUDIES.glob("*/study.toml"))


def test_the_museum_is_not_empty() -> None:
    assert len(OLD) >= 6


@pytest.mark.parametrize("file", OLD, ids=lambda file: file.parent.name)
def test_a_study_of_an_earlier_version_is_read(file: Path) -> None:
    study = read_study(file)
    assert len({model.key for model in study.model}) == len(study.model)
    assert all(study.capacity(model) > 0 for model in study.model)
    assert [plant.country for plant in study.plant] == [study.firm.origin]


def test_two_models_of_one_code_stay_two() -> None:
    study = read_study(STUDIES / "kitchen")
    assert [model.key for model in study.model] == ["8516-1", "8516-2"]
    assert [study.capacity(model) for model in study.model] == [300_000, 60_000]


@pytest.mark.slow
def test_a_plan_over_all_markets_is_found(tmp_path: Path) -> None:
    """Cuts of its worst 5% come ever closer and never end: it was refused as not solved."""
    answer = offing.run(STUDIES / "kitchen", out=tmp_path / "out")
    assert answer.result.plan is not None
    assert len(answer.result.plan.rows) > 2
