"""Studies of earlier versions run: none of them may be left behind."""

from pathlib import Path

import pytest

import offing
from offing.api.upgrade import upgrade
from offing.study.edit import upgrade_text
from offing.study.file import Study, read_study
from offing.terms.errors import InputError

STUDIES = Path(__file__).resolve().parents[1] / "museum" / "studies"
OLD = sorted(STUDIES.glob("*/study.toml"))


def test_the_museum_is_not_empty() -> None:
    assert len(OLD) >= 7


@pytest.mark.parametrize("file", OLD, ids=lambda file: file.parent.name)
def test_a_study_of_an_earlier_version_is_read(file: Path) -> None:
    study = read_study(file)
    assert study.version == 1
    assert len({model.key for model in study.model}) == len(study.model)
    assert all(study.capacity(model) > 0 for model in study.model)
    assert [plant.country for plant in study.plant] == [study.firm.origin]


def test_two_products_of_one_code_stay_two_models() -> None:
    study = read_study(STUDIES / "kitchen")
    assert [model.key for model in study.model] == ["8516-1", "8516-2"]
    assert [study.capacity(model) for model in study.model] == [300_000, 60_000]


def as_old(study: Study) -> Study:
    return study.model_copy(update={"version": 1})


@pytest.mark.parametrize("file", OLD, ids=lambda file: file.parent.name)
def test_upgrade_says_the_same_and_keeps_every_comment(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "study.toml"
    copy.write_bytes(file.read_bytes())
    answer = upgrade(study=copy, in_place=True)
    assert answer.changed
    assert answer.backup is not None
    assert answer.backup.read_bytes() == file.read_bytes()
    now = read_study(copy)
    assert now.version == 2
    assert as_old(now) == read_study(file)
    comments = [
        line[line.index("#") :] for line in file.read_text("utf-8").splitlines() if "#" in line
    ]
    text = copy.read_text("utf-8")
    assert all(comment in text for comment in comments)
    again = upgrade(study=copy, in_place=True)
    assert not again.changed
    assert copy.read_text("utf-8") == text


def test_upgrade_writes_beside_and_touches_nothing(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    old = (STUDIES / "kitchen" / "study.toml").read_bytes().replace(b"\n", b"\r\n")
    file.write_bytes(old)
    answer = upgrade(study=tmp_path)
    assert answer.file == tmp_path / "study-2.toml"
    assert answer.backup is None
    assert file.read_bytes() == old
    made = answer.file.read_bytes()
    assert made.count(b"\r\n") == made.count(b"\n")
    assert as_old(read_study(answer.file)) == read_study(file)
    with pytest.raises(InputError, match="exists already"):
        upgrade(study=tmp_path)


def test_a_backup_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    (tmp_path / "study.toml.bak").write_text("mine", encoding="utf-8")
    file.write_bytes((STUDIES / "kitchen" / "study.toml").read_bytes())
    answer = upgrade(study=file, in_place=True)
    assert answer.backup == tmp_path / "study.toml.bak1"
    assert (tmp_path / "study.toml.bak").read_text("utf-8") == "mine"


@pytest.mark.parametrize("where", ["products in one line", "capacity by a dotted key"])
def test_what_cannot_be_rewritten_is_left_alone(where: str, tmp_path: Path) -> None:
    text = (STUDIES / "tv-maker" / "study.toml").read_text("utf-8")
    start, end = text.index("[[product]]"), text.index("[ledger]")
    if where == "products in one line":
        row = (
            '{ code = "8528", name = "x", cost_cny = 1, input_vat_cny = 0, price_usd = 9, '
            "capacity = 5, kg = 1, m3 = 0.01 }"
        )
        body = text[:start] + text[end:]
        text = body.replace("seed = 20241231", f"seed = 1\nproduct = [{row}]")
    else:
        text = text.replace("capacity = 130_000", '"capacity" = 130_000')
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    read_study(file)
    with pytest.raises(InputError, match="by hand"):
        upgrade_text(text, file)
    with pytest.raises(InputError, match="by hand"):
        upgrade(study=file, in_place=True)
    assert file.read_text("utf-8") == text


@pytest.mark.slow
def test_a_plan_over_all_markets_is_found(tmp_path: Path) -> None:
    """Cuts of its worst 5% come ever closer and never end: it was refused as not solved."""
    answer = offing.run(STUDIES / "kitchen", out=tmp_path / "out")
    assert answer.result.plan is not None
    assert len(answer.result.plan.rows) > 2
