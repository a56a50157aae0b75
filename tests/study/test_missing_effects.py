"""Unknown is not "no change": an effect on a duty or a freight that nobody knows is missing."""

import json
from datetime import date
from io import StringIO
from math import fsum
from pathlib import Path
from typing import Any, get_args

import pytest
from rich.console import Console

import offing
from cautions import keyed
from offing.policy.comparison import Comparison, ComparisonTotals
from offing.report.page import write_report, write_what_if
from offing.report.terminal import show
from offing.report.views import price as price_told
from offing.report.views import whatif as whatif_told
from offing.report.views.whatif import facts, side_by_side
from offing.rules.reform import Close, Reform
from offing.study.markets import may_touch
from offing.study.result import as_json, from_json
from offing.terms.errors import InputError
from offing.terms.messages import Language, using_language
from study.stand_ins import like

OLD = Path(__file__).resolve().parents[1] / "museum" / "tv-maker-2024"
TYPED = {"MEX": "0.15", "IND": "0.20", "THA": "0.10", "VNM": "0.25"}
"""Duties that the example types, for markets without one of their own."""
MARKETS = ("DEU", "USA", "JPN", *TYPED)

OTHERS = ("HC-75M", "HC-85M", "HC-L120")
"""Models that are left out."""

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shared_study")]


def study(tmp_path: Path, unknown: tuple[str, ...], more: str = "") -> Path:
    """Two models of the example, which both plants make, in seven markets; of those named no duty
    is known: none typed, or no US line."""
    text = (OLD / "study.toml").read_text(encoding="utf-8")
    two, *_ = text.split('[[model]]\nkey = "HC-75M"')
    text = two + text[text.index("[[plant]]") :]
    text = text.replace('consider = "all"', f"consider = {json.dumps(MARKETS)}")
    for market in unknown:
        if market == "USA":
            text = text.replace(', USA = "85287264"', "")
        else:
            text = text.replace(f"{market} = {TYPED[market]}\n", "")
    folder = tmp_path / ("-".join(unknown) or "known")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(text + more, encoding="utf-8")
    lines = (OLD / "ledger.csv").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not any(model in line for model in OTHERS)]
    (folder / "ledger.csv").write_text("".join(kept), "utf-8")
    return folder / "study.toml"


def shock(tmp_path: Path, body: str) -> Path:
    file = tmp_path / "own.toml"
    file.write_text(f'[shock]\nname = "own"\nsource = "the test"\n{body}', encoding="utf-8")
    return file


def duties(*markets: str) -> str:
    rows = (f'[[duty]]\nimporter = "{m}"\norigins = ["CHN"]\nrate = "10%"\n' for m in markets)
    return "".join(rows)


def missing_in(answer: Any) -> set[tuple[str, str]]:
    return {(row.product, row.market) for row in answer.result.what_if.segments if row.missing}


def plain(told: Any) -> str:
    """What a terminal shows."""
    out = Console(file=StringIO(), width=200)
    show(told, out=out)
    return str(out.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize("unknown", [("IND", "USA"), ("USA", *TYPED)])
def test_every_effect_on_an_unknown_is_missing_and_in_no_sum(
    tmp_path: Path, unknown: tuple[str, ...]
) -> None:
    """A duty of a tenth more in the US, Mexico, India, Thailand and Vietnam, whatever is known."""
    own = shock(tmp_path, duties("USA", *TYPED))
    answer = offing.whatif(study(tmp_path, unknown), stress=str(own), draws=20, reverse=True)
    made, plan = answer.result.what_if, answer.result.plan
    assert made is not None
    assert made.effects is not None
    assert made.stress is not None
    (row,) = made.stress.rows
    sold = {(each.product, each.market) for each in plan.rows}
    assert missing_in(answer) == {key for key in sold if key[1] in unknown}
    for each in made.effects.markets:
        assert (each.change is None) == (each.missing is not None)
        assert each.origin or (each.missing is not None) == (each.market in unknown)
    touched = {each.market for each in made.effects.markets if not each.origin}
    assert touched == {"USA", *TYPED}, "a duty that the study types is a duty"
    known = [each for each in made.segments if each.market not in unknown]
    for which in ("margin", "sales"):
        for side in ("before", "after"):
            figures = [getattr(each, side) for each in known]
            whole = fsum(getattr(each, which) for each in figures if each is not None)
            assert getattr(getattr(made, side), which) == pytest.approx(whole)
    stake = fsum(
        each.sales_usd or each.sales_now_usd for each in plan.rows if each.market in unknown
    )
    assert answer.result.decided is not None
    # The share is of sales as computed; rows are at the record's level, the ledger's sales are not.
    outside = fsum(usd for _, usd in plan.outside) * answer.result.decided.factor
    assert outside > 0, "prices of other tiers are sales too"
    whole = fsum(each.sales_usd or each.sales_now_usd for each in plan.rows)
    share = (whole - stake) / (whole + outside)
    assert made.known_share == row.known_share == pytest.approx(share, abs=1e-6)
    assert plan.known_share == pytest.approx(made.known_share)
    (reverse,) = made.stress.reverse
    if len(unknown) == len(TYPED) + 1:
        assert (row.plan, made.effects.plan, reverse.left) == (None, None, None)
    else:
        assert row.plan is not None
        assert row.plan.old.mean < 0
        assert reverse.left is not None


def test_the_us_without_a_line_under_its_tariffs(tmp_path: Path) -> None:
    """LAW.md 3: "nothing changes" for a firm with millions of planned sales there."""
    answer = offing.whatif(study(tmp_path, ("IND", "USA")), stress="us-tariffs-2025", reverse=True)
    words: dict[Language, tuple[str, str, str]] = {
        "en": ("Nothing in this study changes", "For the part that is known", "Missing in the Un"),
        "zh": ("本测算没有任何变化", "就已知部分", "缺失（美国："),
    }
    for lang, (no, part, why) in words.items():
        with using_language(lang):
            told = plain(whatif_told.view(answer))
            page = write_what_if(answer.result, lang)
        for text in (" ".join(told.split()), page):
            assert no not in text
            assert part in text
            assert why in text
    found = json.loads(as_json(answer.result))
    (row,) = found["what_if"]["stress"]["rows"]
    assert row["plan"] is None
    assert {each["reason"] for each in row["missing"]} == {"study.several_tariff_lines"}
    gone = [each for each in found["what_if"]["segments"] if each["missing"] is not None]
    assert {each["market"] for each in gone} == {"USA"}
    assert all(each["after"] is None for each in gone)
    assert all(float(each["missing"]["at_stake"]["amount"]) > 0 for each in gone)
    assert {each["missing"]["at_stake"]["currency"] for each in gone} == {"USD"}
    assert from_json(as_json(answer.result)) == answer.result


def test_a_plan_says_for_which_part_it_holds(tmp_path: Path) -> None:
    answer = offing.run(study(tmp_path, ("USA", "MEX"), '[stress]\nshocks = ["us-tariffs-2025"]\n'))
    result = answer.result
    assert {each.values["market"] for each in result.plan.missing} <= {"USA", "MEX"}
    assert result.plan.known_share is not None
    assert 0 < result.plan.known_share < 1
    about = [
        values["about"] for key, values in keyed(result.warnings) if key == "study.warn_missing"
    ]
    assert {*about} == {"study.about_plan", "study.about_stress"}
    assert result.stress is not None
    assert result.stress.rows[0].plan is None
    assert "its effect on this plan is missing" in write_report(result, "en")
    assert "对方案的影响缺失" in write_report(result, "zh")
    no_tijuana = {(row.market, row.plant) for row in result.plan.rows}
    assert ("USA", "tijuana") not in no_tijuana, "beside an unknown duty no other plant's is lower"


def test_what_touches_no_unknown_duty_is_known(tmp_path: Path) -> None:
    """A refund that falls is known at FOB; so is a duty of Japan, or freight over a known way."""
    place = study(tmp_path, ("USA", "MEX"))
    body = f'[[refund]]\npoints = "-2%"\n{duties("JPN")}[[freight]]\nchange = "+50%"\n'
    answer = offing.whatif(place, stress=str(shock(tmp_path, body)), draws=20)
    assert missing_in(answer) == set()
    made, plan = answer.result.what_if, answer.result.plan
    assert made is not None
    whole = fsum(each.sales_usd or each.sales_now_usd for each in plan.rows)
    assert answer.result.decided is not None
    outside = fsum(usd for _, usd in plan.outside) * answer.result.decided.factor
    assert made.known_share == pytest.approx(whole / (whole + outside))


def test_a_landed_price_before_an_unknown_duty_is_none(tmp_path: Path) -> None:
    answer = offing.price("HC-65M", "MEX", study=study(tmp_path, ("MEX",)))
    data = answer.data()
    assert {point["landed_usd"] for point in data["curve"]["points"]} == {None}
    assert data["missing"]["reason"] == "study.no_tariff_line"
    assert data["missing"]["at_stake"]["amount"] > 0
    for lang in get_args(Language):
        with using_language(lang):
            assert {"en": "landed price missing", "zh": "完税到岸价缺失"}[lang] in " ".join(
                plain(price_told.view(answer)).split()
            )
    known = offing.price("HC-65M", "MEX", study=study(tmp_path, ()))
    assert all(point["landed_usd"] > 0 for point in known.data()["curve"]["points"])
    assert known.data()["missing"] is None


def test_a_shock_of_an_interest_rate_that_nobody_knows_is_missing(tmp_path: Path) -> None:
    """Buyers in Vietnam pay in yuan, those in Germany in euro; of the dong no rate is shipped."""
    place = study(tmp_path, ())
    known = '[[interest]]\ncurrency = "EUR"\npoints = "2%"\n'
    assert missing_in(offing.whatif(place, stress=str(shock(tmp_path, known)), draws=20)) == set()
    from offing.settlement import defaults

    today = defaults.Defaults.interest
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            defaults.Defaults,
            "interest",
            lambda own, code, on: None if code == "EUR" else today(own, code, on),
        )
        answer = offing.whatif(place, stress=str(shock(tmp_path, known)), draws=20)
    invoiced = {(r.product, r.market) for r in answer.result.plan.rows if r.currency == "EUR"}
    assert missing_in(answer) == invoiced != set()


def test_a_tariff_line_of_other_goods_touches_none_of_these() -> None:
    def touched(id_: str) -> bool:
        return may_touch([Reform("x", closes=(Close(id_, date(2025, 1, 1)),))], "USA", "8528")

    assert touched("usa.mfn.85287264")
    assert touched("usa.mfn.85")
    assert touched("usa.reciprocal")
    assert not touched("usa.mfn.64029142")
    assert not touched("gbr.mfn.85287264")


def test_a_code_without_a_refund_rate_is_refused_under_a_refund_reform(tmp_path: Path) -> None:
    """No rate is assumed: there is no plan that such a reform could leave as it is."""
    place = study(tmp_path, ())
    text = place.read_text(encoding="utf-8").replace("refund_rate = 0.13\n", "")
    place.write_text(text.replace('code = "8528"', 'code = "970121"'), encoding="utf-8")
    with pytest.raises(InputError, match="970121"):
        offing.whatif(place, stress="refund-cut-2024")


def test_a_duty_of_a_plan_of_which_none_is_known_is_no_nought() -> None:
    none, some = ComparisonTotals(9.0, 1.0, 0.0, None), ComparisonTotals(9.0, 1.0, 0.0, 3.0)
    for before, after in ((none, none), (none, some), (some, none)):
        made = Comparison("x", before, after, (), (), (), (), 0.0)
        *_, duty = facts(like(what_if=made))
        assert (duty.value, duty.remark) == ("no data", "")
        told = {row[0].text: [cell.text for cell in row[1:]] for row in side_by_side([made]).rows}
        assert "no data" in told["Duties a year"]
