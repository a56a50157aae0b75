"""Rules by hand: the days on which one holds, what a reform may say, what a quote is told."""

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from cautions import keyed
from offing.rules import rulebook
from offing.rules.duty import AdValorem
from offing.rules.duty_text import as_tariffs_write
from offing.rules.reform import (
    Close,
    Exchange,
    NameKeys,
    NewCharge,
    RateSetting,
    Reform,
    check_known,
)
from offing.rules.regime_file import RateKeys, _line_of, _rounding, shipped
from offing.rules.register import (
    age_cautions,
    age_days,
    horizon_days,
    past_horizon,
    register,
    written_on,
)
from offing.rules.remedies import REVIEWED, Remedy, charged_remedies, remedies
from offing.rules.rule_use import (
    DatedRule,
    RuleUse,
    Status,
    check_single,
    days_of,
    overlaid,
    the_one,
    without,
)
from offing.terms.caution import Caution
from offing.terms.errors import InputError, RuleError, Where
from offing.terms.interval import Interval

D = Decimal
JULY = date(2026, 7, 1)
HERE = Where(Path("a.toml"))
THERE = Where(Path("b.toml"))


def dated(since: date | None, until: date | None, id_: str = "a", **more: Any) -> DatedRule:
    given: dict[str, Any] = {"source": "a page", "status": "official"} | more
    return DatedRule(id=id_, when=Interval(since, until), **given)


def test_a_document_was_looked_at_where_it_was_read_with_what_it_says_and_a_day() -> None:
    whole = dated(None, None, legal="art. 1", says="the rate is", still_valid_on=JULY)
    assert whole.looked_at
    for left_out in ({"status": "recalled"}, {"says": ""}, {"still_valid_on": None}):
        assert not replace(whole, **left_out).looked_at, left_out
    assert whole.cited == "art. 1 · a page"
    assert dated(None, None).cited == "a page"


def test_one_rule_holds_on_a_day() -> None:
    early, late = dated(None, JULY), dated(JULY, None)
    assert the_one([early, late], "a", JULY) is late
    assert the_one([early, late], "a", date(2026, 6, 30)) is early
    with pytest.raises(RuleError) as two:
        the_one([early, replace(early, where=THERE), dated(None, None, "b")], "a", date(2026, 1, 1))
    assert two.value.where is None  # of the first of the two
    with pytest.raises(RuleError) as two:
        the_one([replace(early, where=HERE), early], "a", date(2026, 1, 1))
    assert two.value.where == HERE
    with pytest.raises(RuleError, match=r"\[…, 2026-07-01\)"):
        the_one([early], "a", JULY)


def test_the_first_day_of_two_rules_is_said() -> None:
    one, other = dated(date(2025, 1, 1), None), dated(JULY, None)
    check_single([dated(None, JULY), other, dated(None, None, "b")])
    for pair in (
        [one, other],
        [other, one],
        [dated(None, None), other],
        [other, dated(None, None)],
    ):
        with pytest.raises(RuleError, match="2026-07-01"):
            check_single(pair)


def test_a_rule_laid_over_another_leaves_the_days_beside_it() -> None:
    always, new = dated(None, None), dated(JULY, date(2027, 1, 1))
    spans = [str(value.when) for value in overlaid([always, dated(None, None, "b")], new)]
    assert spans == [
        "[…, 2026-07-01)", "[2027-01-01, …)", "[…, …)", "[2026-07-01, 2027-01-01)"
    ]  # fmt: skip
    assert [str(v.when) for v in without([new], "a", Interval(JULY, date(2026, 8, 1)))] == [
        "[2026-08-01, 2027-01-01)"
    ]


def regime(**more: Any) -> rulebook.Regime:
    given: dict[str, Any] = {
        "importer": "XXX", "destinations": ("DEU",), "currency": "EUR", "charges": (), "cases": (),
        "only_origins": (), "where": HERE,
    }  # fmt: skip
    return rulebook.Regime(**(given | more))


def test_the_origins_that_additional_duties_are_complete_for() -> None:
    known = regime(only_origins=("CHN",), more_origins=("VNM",), more_origins_since=JULY)
    assert regime().complete_for("VNM", JULY)
    assert known.complete_for("CHN", date(2020, 1, 1))
    assert known.complete_for("VNM", JULY)
    assert not known.complete_for("VNM", date(2026, 6, 30))
    assert not known.complete_for("THA", JULY)
    assert not replace(known, more_origins_since=None).complete_for("VNM", JULY)


@pytest.mark.parametrize(
    ("charges", "lists", "origins", "said"),
    [
        ("", "", "", True), ("vat", "", "", True), ("excise", "", "", False),
        ("", "list_1", "", True), ("", "list_9", "", False), ("excise", "list_1", "", True),
        ("vat", "list_9", "", True), ("", "", "CHN", True), ("", "", "VNM", False),
        ("vat", "", "VNM", False),
    ],
)  # fmt: skip
def test_whom_a_caution_is_about(charges: str, lists: str, origins: str, said: bool) -> None:
    caution = rulebook.CautionRule(
        id="x", when=Interval(), source="", status="official", message="landed.x",
        charges=tuple(charges.split()), lists=tuple(lists.split()), origins=tuple(origins.split()),
    )  # fmt: skip
    assert caution.about("CHN", {"vat", "duty"}, {"list_1"}) is said


def rate(id_: str, status: Any = "official", where: Where = HERE) -> rulebook.Rate:
    return rulebook.Rate(id=id_, when=Interval(), source="", status=status, where=where,
                duty=AdValorem(D("0.19")))  # fmt: skip


def charge(name: str, **more: Any) -> rulebook.Charge:
    given: dict[str, Any] = {
        "when": Interval(),
        "source": "",
        "status": "official",
        "where": HERE,
    } | more
    return rulebook.Charge(id=f"xxx.{name}", name=name, stage="tax", base=("goods",), **given)


def test_the_register_counts_the_rules_of_each_importer() -> None:
    charges = (
        charge("vat", when=Interval(JULY, None), status="secondary"),
        charge("levy", when=Interval(date(2025, 1, 1), None), says="2 %", still_valid_on=JULY),
        charge("fee"),
    )
    book = rulebook.Rulebook(
        {"XXX": regime(charges=charges), "AAA": regime(importer="AAA")},
        (rate("xxx.vat.deu"), rate("yyy.vat", where=THERE)),
    )
    first, second = register(book)
    assert (first.importer, second.importer) == ("AAA", "XXX")
    assert second.counts["official"] == 3
    assert second.counts["secondary"] == 1
    assert second.since == date(2025, 1, 1)
    assert (second.looked_at, second.last_look) == (1, JULY)
    assert first.since is None
    assert (first.looked_at, first.last_look) == (0, None)
    assert "user" not in second.counts


def test_a_rate_that_nothing_would_look_up_is_refused() -> None:
    own = replace(charge("vat"), rate="xxx.vat.{destination}")
    book = rulebook.Rulebook({"XXX": regime(charges=(own, charge("fee")))}, (rate("xxx.fee"),))

    def known(id_: str) -> bool:
        new = rate(id_, "user")
        try:
            check_known(replace(book, rates=(*book.rates, new)), Reform("x", (new,)))
        except InputError:
            return False
        return True

    assert [known(id_) for id_ in ("xxx.fee", "xxx.vat.deu", "xxx.mfn.85287264")] == [True] * 3
    assert [known(id_) for id_ in ("xxx.fe", "xxx.vat.germany", "yyy.mfn.85287264")] == [False] * 3


def test_a_new_charge_of_a_rate_that_nobody_sets_is_refused() -> None:
    """With it the importer would have no landed cost at all, and duty would seem to fall."""
    book = rulebook.Rulebook(
        {"XXX": regime(charges=(charge("fee"),))}, (rate("xxx.fee"), rate("xxx.st.deu"))
    )

    def known(asked: str | None, *rates: str) -> bool:
        new = NewCharge("XXX", replace(charge("extra"), rate=asked), None)
        own = tuple(rate(id_, "user") for id_ in rates)
        try:
            check_known(replace(book, rates=(*book.rates, *own)), Reform("x", own, charges=(new,)))
        except InputError:
            return False
        return True

    assert known(None)
    assert known("xxx.fee")
    assert known("xxx.st.{destination}")
    assert not known("xxx.extra")


@pytest.mark.parametrize("given", ["-90%", "901%", "five"])
def test_a_change_beyond_reason_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Exchange).validate_python({"currency": "USD", "change": given})


def test_an_elasticity_is_from_nothing_to_twenty() -> None:
    for text in ("0", "0.4", "20"):
        assert NameKeys(name="x", elasticity=text).elasticity == D(text)  # type: ignore[arg-type]
    for text in ("-0.1", "20.1"):
        with pytest.raises(ValidationError):
            NameKeys(name="x", elasticity=text)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        NameKeys(name="")


@pytest.mark.parametrize(
    ("text", "amount"),
    [("half_up_2", "2.35"), ("half_even_2", "2.34"), ("down_0", "2"), ("ceiling_0", "3"),
     ("half_up_1", "2.3"), ("down_-1", "0"), ("exact", "2.345")],
)  # fmt: skip
def test_ways_of_rounding(text: str, amount: str) -> None:
    rule = _rounding(text)
    assert rule.apply(D("2.345")) == D(amount)
    assert str(rule) == text
    assert rulebook.RoundingRule("half_up").apply(D("2.345")) == D("2.35")
    assert rulebook.EXACT.apply(D("2.345")) == D("2.345")


@pytest.mark.parametrize("text", ["up_2", "half_up", "half_up_x", "_2", ""])
def test_another_way_of_rounding_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="half_even_2"):
        _rounding(text)


def test_what_a_case_of_a_file_leaves_out() -> None:
    case = rulebook.RegimeCase(
        name="x", on=JULY, destination="DEU", inputs={}, expected={}, source="y"
    )
    assert (case.origin, case.mode) == ("CHN", "sea")
    assert rulebook.CaseWords().insured == ("goods", "freight")


def measure(**more: Any) -> Remedy:
    given: dict[str, Any] = {
        "country": "EUR", "product": "bicycles", "product_zh": "自行车", "kind": "ad",
        "codes": (("871200", False), ("871499", True)), "residual": "48.5%", "base": "cif",
        "range": "", "when": Interval(JULY, None), "ended": False, "document": "act",
        "source": "a page", "status": "official",
    }  # fmt: skip
    return Remedy(**(given | more))


def test_the_rate_of_a_measure() -> None:
    assert measure().rate == measure(range="48.5%").rate == "48.5%"
    assert measure(range="19.2–48.5%").rate == "48.5% (19.2–48.5%)"
    assert measure(residual="", range="19.2–48.5%").rate == "19.2–48.5%"
    assert measure(residual="").rate == ""
    assert measure().share == D("0.485")
    assert measure(base="").share is None
    assert measure(residual="5.45 USD/m2").share is None
    assert measure(residual="").share is None


def test_the_codes_of_a_measure() -> None:
    bicycles = measure()
    assert bicycles.about("8712003000")
    assert bicycles.about("8712")
    assert bicycles.about("871499")
    assert not bicycles.about("871300")
    assert bicycles.whole("8712003000")
    assert not bicycles.whole("8712")
    assert not bicycles.whole("871499")


def test_a_code_is_of_the_goods_under_a_code_of_the_act_or_above_one() -> None:
    """Digits are read from their beginning: 1160 is within 87116010 and is none of it."""
    both = measure(codes=(("87116010", False), ("8714", True)))
    yes = ("8711", "871160", "87116010", "8711601000", "8714", "87149110")
    assert [code for code in (*yes, "1160", "871161", "8712", "714") if both.about(code)] == [*yes]


def test_the_end_of_a_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A review may have prolonged it for two years after its known end."""
    over = measure(when=Interval(date(2020, 1, 1), JULY))
    assert not over.has_lapsed(date(2026, 6, 30))
    assert over.has_lapsed(JULY)
    assert not measure().has_lapsed(JULY)

    def warned(on: date, *known: Remedy) -> list[str]:
        monkeypatch.setattr("offing.rules.remedies.measures_of", lambda _: known)
        return [each.residual for each in remedies("EUR", "CHN", "871200", on)]

    assert timedelta(days=730) == REVIEWED
    assert warned(JULY, over) == ["48.5%"]
    assert warned(JULY + timedelta(days=729), over) == ["48.5%"]
    assert warned(JULY + timedelta(days=730), over) == []
    assert warned(JULY, replace(over, ended=True)) == []
    assert warned(date(2019, 12, 31), over) == []
    new = measure(residual="30%")
    assert warned(JULY, over, new) == ["30%"]
    assert warned(JULY, over, replace(new, kind="cvd")) == ["48.5%", "30%"]
    assert warned(JULY, over, replace(new, product="trailers")) == ["48.5%", "30%"]


def test_what_is_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    def rates(*known: Remedy, code: str = "87120030", origin: str = "CHN") -> int:
        monkeypatch.setattr("offing.rules.remedies.measures_of", lambda _: known)
        return len(charged_remedies("EUR", origin, code, JULY))

    assert rates(measure()) == 1
    assert rates(measure(), origin="VNM") == 0
    assert rates(measure(), code="8712") == 0
    over = Interval(date(2020, 1, 1), JULY)
    for other in ({"kind": "investigation"}, {"status": "recalled"}, {"residual": "5 USD/kg"},
                  {"when": Interval(None, None)}, {"when": over}):  # fmt: skip
        assert rates(measure(**other)) == 0, other


def test_a_rule_that_was_used_gives_its_share() -> None:
    def use(value: str, unit: Any) -> RuleUse:
        return RuleUse("x", value, None, None, "", "official", unit)

    assert use("0.19", "share").share == D("0.19")
    assert use("19%", "duty").share == D("0.19")
    assert use("5 EUR/kg", "duty").share is None
    assert use("goods", "sum").share is None


def test_a_reform_names_its_rules_once() -> None:
    many = Reform(
        "x", (rate("a"), rate("b"), rate("a")), (Close("c", JULY),),
        settings=(RateSetting("d", "1", Interval(), HERE), RateSetting("b", "1", Interval(), HERE)),
    )  # fmt: skip
    assert many.ids == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("given", "change"),
    [("-5%", "-0.05"), ("0.1", "0.1"), ("900%", "9"), ("-89.9%", "-0.899"), (" 5% ", "0.05")],
)
def test_a_currency_is_worth_more_or_less(given: str, change: str) -> None:
    read = TypeAdapter(Exchange).validate_python({"currency": "USD", "change": given})
    assert read.change == D(change)


TEXT = """\
[regime]
name = "x" # a remark

[[rate]]
id = "a"
value = "1%"

[[rate]] # the second
id = "b"
value = "2%"

[other]
value = "3%"
"""


def test_words_of_an_act_are_at_most_twenty_five() -> None:
    def keys(**more: Any) -> RateKeys:
        given: dict[str, Any] = {
            "id": "x", "value": "19%", "source": "a page", "status": "official",
            "legal": "art. 1", "says": "word " * 25, "still_valid_on": JULY,
        } | more  # fmt: skip
        return RateKeys(**given)

    assert keys().still_valid_on == JULY
    assert keys(says="", still_valid_on=None, status="recalled").says == ""
    assert keys(status="secondary", legal="").still_valid_on == JULY
    for wrong in ({"says": "word " * 26}, {"says": ""}, {"still_valid_on": None},
                  {"status": "recalled"}):  # fmt: skip
        with pytest.raises(ValidationError):
            keys(**wrong)


@pytest.mark.parametrize(
    ("table", "number", "key", "line"),
    [("regime", 0, "name", 2), ("rate", 0, "value", 6), ("rate", 1, "id", 9),
     ("rate", 1, "value", 10), ("rate", 1, "since", 8), ("other", 0, "value", 13),
     ("rate", 2, "id", None)],
)  # fmt: skip
def test_the_line_of_a_key(table: str, number: int, key: str, line: int | None) -> None:
    assert _line_of(TEXT, table, number, key) == line


@pytest.mark.parametrize("text", ["10% MIN 2/kg", "10% MAX 2/kg", "MIP 2/kg"])
def test_a_bound_is_no_currency(text: str) -> None:
    assert as_tariffs_write(text) == text


def test_a_currency_before_its_amount() -> None:
    assert as_tariffs_write("eur 2/kg") == "2 EUR/kg"
    assert as_tariffs_write("£2/kg") == "2 GBP/kg"


def said(*spans: tuple[int | None, int | None]) -> str:
    """Of intervals by their years."""

    def day(year: int | None) -> date | None:
        return None if year is None else date(year, 1, 1)

    values: list[Any] = [SimpleNamespace(when=Interval(day(a), day(b))) for a, b in spans]
    return days_of(values)


def test_days_are_joined_where_they_follow_one_another() -> None:
    assert said() == "—"
    assert said((2020, 2021), (2021, 2022)) == "[2020-01-01, 2022-01-01)"
    assert said((2021, 2022), (2020, 2021)) == "[2020-01-01, 2022-01-01)"
    apart = "[2020-01-01, 2021-01-01), [2022-01-01, 2023-01-01)"
    assert said((2020, 2021), (2022, 2023)) == apart
    assert said((None, 2021), (2022, None)) == "[…, 2021-01-01), [2022-01-01, …)"
    assert said((2020, None), (2022, 2023)) == "[2020-01-01, …)"
    assert said((2020, 2024), (2022, 2023)) == "[2020-01-01, 2024-01-01)"


LOOKED = date(2026, 11, 1)


def use(
    id_: str = "usa.mpf", looked: date | None = LOOKED, status: Status = "official",
    since: date | None = None, *, loaded: bool = False,
) -> RuleUse:  # fmt: skip
    return RuleUse(id_, "5%", since, None, "", status, still_valid_on=looked, loaded=loaded)


@pytest.mark.parametrize(
    ("days", "age"), [(-400, 0), (-1, 0), (0, 0), (1, 1), (30, 30), (500, 500)]
)
def test_age_is_of_the_answers_day(days: int, age: int) -> None:
    assert age_days(use(), LOOKED + timedelta(days=days)) == age


@pytest.mark.parametrize(
    ("id_", "days"),
    [("usa.301.list1", 30), ("settlement.interest.usd", 60), ("eur.vat.deu", 90), ("ind.igst", 90),
     ("tur.additional", 90), ("bra.ipi", 90), ("mex.duty", 90), ("gbr.vat", 365),
     ("settlement.spread.usd", 365), ("chn.refund.tv", 365)],
)  # fmt: skip
def test_the_edges_of_each_horizon(id_: str, days: int) -> None:
    assert horizon_days(id_) == days
    assert not past_horizon(use(id_), LOOKED + timedelta(days=days))
    assert past_horizon(use(id_), LOOKED + timedelta(days=days + 1))


def test_what_nobody_looked_at_has_no_age_and_goes_by_the_day_of_the_version() -> None:
    never = use("jpn.vat", None, "recalled")
    assert age_days(never, date(2035, 1, 1)) is None
    assert not past_horizon(never, written_on() + timedelta(days=365))
    assert past_horizon(never, written_on() + timedelta(days=366))


def test_a_users_own_rate_and_a_loaded_line_are_never_past() -> None:
    assert not past_horizon(use(status="user"), date(2040, 1, 1))
    assert not past_horizon(use(looked=None, loaded=True), date(2040, 1, 1))


def test_one_caution_for_all_rules_names_the_longest_ago() -> None:
    some = [use("usa.mpf"), use("usa.hmf", date(2026, 10, 1)), use("gbr.vat")]
    assert age_cautions(some, LOOKED) == (Caution("rules.warn_aged",
        {"count": 1, "day": "2026-11-01", "looked": "2026-10-01", "days": "31"}),)  # fmt: skip
    ((_, said),) = keyed(age_cautions([*some, *some], date(2026, 12, 10)))
    assert (said["count"], said["looked"], said["days"]) == (2, "2026-10-01", "70")
    assert age_cautions(some[2:], LOOKED) == ()


def test_the_rules_have_a_version_which_is_that_of_their_newest_entry() -> None:
    """Entries name an importer that is there, and stand newest first."""
    text = resources.files("offing.rules").joinpath("changelog.toml").read_text(encoding="utf-8")
    log = tomllib.loads(text)
    versions = [entry["version"] for entry in log["entry"]]
    assert log["version"] == versions[0] == max(versions)
    assert versions == sorted(versions, reverse=True)
    known = {
        *shipped().regimes,
        "ALL",
        "CHN_REFUND",
        "SETTLEMENT",
        "EAEU",
        "DEFENCE",
        "REQUIREMENTS",
    }
    for entry in log["entry"]:
        assert entry["importer"] in known
        assert entry["what"].strip()
        date.fromisoformat(entry["version"].replace(".", "-"))


def test_an_old_rate_that_still_holds_is_not_old() -> None:
    old = use("eur.vat.deu", since=date(1968, 1, 1))
    assert (age_days(old, LOOKED), past_horizon(old, LOOKED)) == (0, False)
