"""The firm as it is: models, lines and plants of a study file, and what of them is refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from offing.study.choices import PARTS, sums_note
from offing.study.costs import other_plants
from offing.study.file import Study, read_study
from offing.terms.errors import InputError
from offing.terms.messages import LANGUAGES, using_language
from study.stand_ins import like

HEAD = """
schema = 2
on = 2024-12-31
[title]
en = "t"
zh = "题"
[firm]
name = "x"
city = "y"
origin = "CHN"
[shipping]
shipment_units = 300
inland_usd_per_m3 = 6.5
export_clearance_usd = 150
freight_usd_per_m3_fixed = 14
freight_usd_per_m3_1000km = 2.1
[ledger]
file = "ledger.csv"
"""
MODEL = """
[[model]]
key = "HC-65M"
name = "65 inch"
code = "8528"
ledger = ["HC-65M"]
line = "large"
hours = 0.5
cost_cny = 3150
input_vat_cny = 355
price_usd = 560
kg = 22.5
m3 = 0.21
"""
SECOND = MODEL.replace("HC-65M", "HC-75M").replace("hours = 0.5", "hours = 0.75")
HOME = """
[[plant]]
key = "qingdao"
country = "CHN"
[[plant.line]]
key = "large"
hours = 60_000
"""
ABROAD = """
[[plant]]
key = "tijuana"
country = "MEX"
local_content = 0.62
[[plant.line]]
key = "tj-1"
hours = 12_000
[[plant.makes]]
model = "HC-65M"
line = "tj-1"
cost_cny = 3420
[[plant.preference]]
market = "USA"
name = "usmca"
duty = 0
least_content = 0.60
"""
WHOLE = HEAD + MODEL + SECOND + HOME + ABROAD


def study(tmp_path: Path, text: str) -> Study:
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    return read_study(file)


def refused(tmp_path: Path, text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        study(tmp_path, text)
    for lang in LANGUAGES:
        with using_language(lang):
            assert str(caught.value)
    return caught.value


def test_two_models_share_a_code_and_a_line(tmp_path: Path) -> None:
    made = study(tmp_path, WHOLE)
    assert [model.code for model in made.model] == ["8528", "8528"]
    assert [made.capacity(model) for model in made.model] == [Decimal(120_000), Decimal(80_000)]
    assert made.plant_of(made.model[0]).key == "qingdao"
    assert list(made.lines) == ["large", "tj-1"]


def test_a_preference_holds_where_the_rule_of_origin_is_met(tmp_path: Path) -> None:
    abroad = study(tmp_path, WHOLE).plant[1]
    assert abroad.duty_preferred("USA") == (Decimal(0), "usmca")
    assert abroad.duty_preferred("CAN") is None
    poor = study(tmp_path, WHOLE.replace("local_content = 0.62", "local_content = 0.59")).plant[1]
    assert poor.duty_preferred("USA") is None
    unknown = study(tmp_path, WHOLE.replace("local_content = 0.62\n", "")).plant[1]
    assert unknown.duty_preferred("USA") is None


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("hours = 60_000", "hours = 0", "[[plant]] 1, line, 1, hours", "above 0"),
        ('HC-75M"\nname', 'HC-65M"\nname', "[[model]] 2, key", "two models"),
        ('ledger = ["HC-75M"]', 'ledger = ["HC-65M"]', "[[model]] 2, ledger", "claimed by two"),
        ('key = "tj-1"', 'key = "large"', "[[plant]] 2, line", "two lines"),
        ('line = "tj-1"', 'line = "tj-2"', "[[plant]] 2, makes, 1, line", "tj-1"),
        ('model = "HC-65M"', 'model = "HC-66M"', "[[plant]] 2, makes, 1, model", "HC-75M"),
        ("hours = 0.75", "elasticity = 1", "[[model]] 2, elasticity", "no price is best"),
        ("hours = 0.75", "elasticity = 0.4", "[[model]] 2, elasticity", "above 1"),
        ("[ledger]", "[duty]\nMEX = 15\n[ledger]", "[duty], MEX", "0.15"),
        ("[ledger]", '[markets]\nmust_keep = ["Germny"]\n[ledger]', "", "Germny"),
        (
            "[ledger]",
            '[markets]\nconsider = ["USA"]\nmust_keep = ["DEU"]\n[ledger]',
            "[markets], must_keep",
            "must be kept",
        ),
    ],
)
def test_bad_input_is_named(tmp_path: Path, old: str, new: str, place: str, words: str) -> None:
    assert old in WHOLE
    error = refused(tmp_path, WHOLE.replace(old, new, 1))
    assert words in str(error)
    if place:
        assert error.where is not None
        assert error.where.key == place


def test_a_plant_makes_something(tmp_path: Path) -> None:
    idle = ABROAD[: ABROAD.index("[[plant.makes]]")]
    error = refused(tmp_path, HEAD + MODEL + HOME + idle)
    assert "makes no model" in str(error)


def test_ledger_keys_need_a_ledger(tmp_path: Path) -> None:
    error = refused(tmp_path, HEAD[: HEAD.index("[ledger]")] + MODEL + HOME)
    assert "no [ledger]" in str(error)


def test_other_plants_make_the_same_model_elsewhere() -> None:
    """The plant of its own line, and what makes another model, are none."""
    home, abroad, other = (
        like(key=key, makes=[like(model=model)])
        for key, model in (("home", "tv"), ("mex", "tv"), ("vnm", "oven"))
    )
    study = like(plant=[home, abroad, other], plant_of=lambda _: home)
    found = other_plants(study, like(key="tv"))
    assert [(plant.key, made.model) for plant, made in found] == [("mex", "tv")]


def test_illustrative_sums_are_said_until_all_are_the_firm_s(tmp_path: Path) -> None:
    made = study(tmp_path, WHOLE)
    said = sums_note(made.entering, made.keeping)
    assert said is not None
    assert said.values == {
        "once": 600_000,
        "yearly": 165_000,
        "once_shipped": 600_000,
        "yearly_shipped": 165_000,
    }
    own = "\n".join(f"{part} = 1000" for part in PARTS)
    text = f"[entering]\n{own}\n[keeping]\n{own}\n[ledger]"
    made = study(tmp_path, WHOLE.replace("[ledger]", text))
    assert sums_note(made.entering, made.keeping) is None
