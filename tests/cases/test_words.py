"""The vocabulary of worked cases: one word a thing, forms with one meaning, a refusal elsewhere."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from offing.cases.checking import check_case, free_names, method_of, solve_case
from offing.cases.given import Case, Value, read_cases
from offing.cases.importers import importer_method
from offing.cases.inputs import SOLVERS, Inputs
from offing.cases.words import Method, Vocabulary, Word, methods
from offing.rules.regime_file import shipped
from offing.terms.errors import InputError, Where
from shared_data import shared

D = Decimal
GIVEN = ("rebate_cases.yaml", "settlement_cases.yaml", "landed_cost_cases.yaml")
OURS = ("refunds.yaml", "landed.yaml", "settlement.yaml")


def every_method() -> list[Method]:
    destinations = shipped().destinations()
    return [*methods().values(), *(m for d in destinations if (m := importer_method(d)))]


def names_twice(words: Vocabulary) -> set[str]:
    """Names, or further names, of two of a method's own words."""
    own = [word for word in words.words.values() if word.name in (words.own or words.words)]
    own = [word for word in own if word.kind != "pair"]
    names = [name for word in own for name, _ in word.names((word.name,))]
    also = [{name for name, _ in word.names(word.also)} - {*names} for word in own]
    further = [name for of in also for name in of]
    return {name for of in (names, further) for name, count in Counter(of).items() if count > 1}


def test_no_name_means_two_things_and_each_word_is_told_in_both_languages() -> None:
    for method in methods().values():
        assert not any(map(names_twice, (method.reads, method.accepts, method.gives))), method.name
    for method in every_method():
        if method.name in methods():
            meanings = [w.meaning for of in (method.reads, method.gives) for w in of.words.values()]
            assert all(set(meaning) == {"en", "zh"} for meaning in meanings), method.name
            assert all(text for meaning in meanings for text in meaning.values()), method.name
            derived = all(word.of for word in method.gives.words.values())
            assert (method.name in SOLVERS) != derived


def test_every_solver_is_named_in_the_vocabulary() -> None:
    assert set(SOLVERS) <= set(methods())


def given_and_more() -> Iterator[Case]:
    for name in OURS:
        yield from read_cases(Path(__file__).with_name(name))
    for name in GIVEN:
        yield from read_cases(shared("..", "cases", name))


def names_in(answers: object) -> Iterator[str]:
    if isinstance(answers, dict):
        yield from answers
    for inner in answers.values() if isinstance(answers, dict) else answers:  # type: ignore[attr-defined]
        if isinstance(inner, dict | list):
            yield from names_in(inner)


def test_what_a_method_reads_and_gives_is_what_its_words_say() -> None:
    """The lists in the data are no longer than the truth, and no shorter."""
    answered: dict[object, set[str]] = {}
    for case in given_and_more():
        method = method_of(case.name)
        case = replace(case, name=method.name)
        inputs = Inputs(case.inputs, method.accepts, case.name, expected=case.expected)
        solver = SOLVERS.get(case.name, None if case.name in methods() else SOLVERS["importer"])
        free = list(free_names(case, method))
        answers = set(names_in(solve_case(inputs, method.gives))) - set(free)
        assert {name for name in inputs.asked if method.reads.find(name) is None} == set(), case.id
        assert {name for name in answers if method.gives.find(name) is None} == set(), case.id
        answered.setdefault(solver, set()).update(answers)
    for method in methods().values():
        words = (word for word in method.gives.words.values() if not word.of)
        names = {name for word in words for name, _ in word.names((word.name,))}
        assert not names or names - answered[SOLVERS[method.name]] == set(), method.name


def inputs(words: list[Word], **values: object) -> Inputs:
    return Inputs(values, Vocabulary({word.name: word for word in words}))  # type: ignore[arg-type]


FX = Word("fx", "quote")
PRICE = Word("price", forms=("net", "gross", "unit", "total", "fc", "rate"))
QUANTITY = Word("quantity", "number")


@pytest.mark.parametrize(
    ("values", "amount"),
    [
        ({"price": D(10)}, "10"), ({"price_rate": D("0.1")}, "30"),
        ({"price_unit": D(10), "quantity": D(3)}, "30"),
        ({"price_fc": D(10), "fx_cny_per_usd": D(7)}, "70"),
        ({"price_fc": D(10), "fx_fc_per_home": D("0.125")}, "80"), ({"price_net": D(100)}, "100"),
    ],
)  # fmt: skip
def test_forms_of_an_amount(values: dict[str, object], amount: str) -> None:
    got = inputs([PRICE, FX, QUANTITY], **values)
    assert got.money("price", of=D(300), tax="net", rate=D("0.13")) == D(amount)
    assert got.asked == set(values)


def test_a_rate_between_two_other_currencies_is_not_guessed_at() -> None:
    with pytest.raises(InputError) as raised:
        inputs([PRICE, FX], price_fc=D(10), fx_usd_per_eur=D("1.1")).money("price")
    assert raised.value.key == "check.bad_input"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("AU", {"customs_value": D(100), "duty_rate": D(5)}),
        ("AU", {"customs_value": D(100), "gst_rate": D(10)}),
        ("surtax", {"tax_raw": D(10), "ecr": D(1), "urban_rate": D(7)}),
        ("cip_simple", {"spot": D(7), "r_price": D(3), "r_base": D(4), "days": D(90)}),
    ],
)
def test_a_share_of_five_is_asked_for_not_guessed_at(name: str, given: dict[str, object]) -> None:
    error = check_case(case(name, given, {})).error
    assert error is not None
    assert error.key == "check.bad_share"
    assert "13%" in str(error)


def case(name: str, given: dict[str, object], expected: dict[str, object]) -> Case:
    return Case("A", name, given, expected, "exact", Where(Path("a.yaml"), 3))  # type: ignore[arg-type]


ONE: dict[str, object] = {"refund": D(1)}


@pytest.mark.parametrize(
    ("name", "given", "expected", "word", "near"),
    [
        ("ecr", {"rebate_rat": D(1)}, ONE, "rebate_rat", "rebate_rate"),
        ("ecr", {"export_fob_dollars": D(1)}, ONE, "export_fob_dollars", "export_fob"),
        ("ecr_multi", {"periods": [{"plan_ration": D(1)}]}, ONE, "plan_ration", "plan_ratio"),
        ("er", {"lines": [{"invoice_nett": D(1)}]}, ONE, "invoice_nett", "invoice_net"),
        ("US", {"adx_rate": D(1)}, {"duty": D(1)}, "adx_rate", "rate"),
        ("duty_expression", {"components": [{"knd": "mip"}]}, {"duty": D(1)}, "knd", "kind"),
        ("er", {"invoice_net": D(1)}, {"refnud": D(1)}, "refnud", "refund"),
        ("ndf_sell_local", {"ndf": D(7)}, {"settlement_usd": D(1)}, "ndf", "ndf_local_per_usd"),
    ],
)
def test_a_word_outside_is_refused_with_the_nearest(
    name: str, given: dict[str, object], expected: dict[str, object], word: str, near: str
) -> None:
    error = check_case(case(name, given, expected)).error
    assert error is not None
    assert error.key in ("check.unknown_word", "check.unknown_answer")
    for part in (word, near, "a.yaml", "3"):
        assert part in str(error)


def _changed(value: object) -> Iterator[object]:
    """The value with one figure in it changed by one per cent, for each figure."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, Decimal):
        yield value * D("1.01") if value else D("0.01")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            for other in _changed(item):
                yield [*value[:place], other, *value[place + 1 :]]
    elif isinstance(value, dict):
        for name, item in value.items():
            for other in _changed(item):
                yield {**value, name: other}


def test_each_figure_of_the_given_cases_is_checked() -> None:
    for name in GIVEN:
        for one in read_cases(shared("..", "cases", name)):
            for expected in _changed(one.expected):
                wrong = Case(one.id, one.name, one.inputs, expected, one.rounding, one.where)  # type: ignore[arg-type]
                assert not check_case(wrong).ok, (one.id, expected)


WEIRD: tuple[Value, ...] = (None, "x", [])


def test_a_value_of_any_kind_is_answered_and_never_a_traceback() -> None:
    for name in GIVEN:
        for one in read_cases(shared("..", "cases", name)):
            for word in one.inputs:
                for given in ({**one.inputs, word: value} for value in WEIRD):
                    check_case(Case(one.id, one.name, given, one.expected, "exact", one.where))


def test_yaml_is_read_only_where_a_file_of_cases_is() -> None:
    code = "import offing.cli.commands.check, sys; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
