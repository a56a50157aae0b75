"""The charge graph: exact on large amounts, monotone, and only with rules of the day."""

import ast
import tokenize
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offing
import offing.landed
import offing.rules
from cautions import keyed
from offing.api.settle import settle
from offing.cli.app import run
from offing.landed.charges import Context, assessment
from offing.landed.explain import steps
from offing.landed.quote import prepare, quote
from offing.landed.shipment import Shipment
from offing.refunds.fob import takes_off
from offing.report.blocks import cautions
from offing.rules.duty_text import duty_of_user
from offing.rules.reform import Reform, apply_reform
from offing.rules.regime_file import shipped
from offing.rules.rule_use import RuleUse
from offing.rules.tariff import Tariff
from offing.sources.ledger_cells import read_incoterm
from offing.study import run as study_run
from offing.study.sales import gives_back
from offing.study.schema import ModelFacts
from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError, OffingError, RuleError
from offing.terms.money import Money
from offing.terms.sale_terms import CONTAINS, INCOTERMS, WITHOUT_VAT, Incoterm, place_without_vat
from tariff_house import tariff_house

BOOK = shipped()
USER = RuleUse("user", "", None, None, "", "user")
TODAY = date(2026, 11, 2)
D = Decimal


def tariffs(duty: str, ipi: str = "0") -> dict[str, Tariff]:
    return {"mfn": Tariff(duty_of_user(duty), USER), "ipi": Tariff(duty_of_user(ipi), USER)}


amounts = st.decimals(min_value=0, max_value=D("1e13"), places=2)
shares = st.decimals(min_value=0, max_value=1, places=4)


@given(
    destination=st.sampled_from(BOOK.destinations()),
    goods=amounts,
    freight=amounts,
    low=shares,
    high=shares,
)
def test_landed_cost_rises_with_the_duty(
    destination: str, goods: Decimal, freight: Decimal, low: Decimal, high: Decimal
) -> None:
    inputs = {"goods": goods, "freight": freight}
    paid = [
        assessment(BOOK, Context(destination, TODAY, tariffs=tariffs(str(duty)))).of(inputs).paid
        for duty in sorted((low, high))
    ]
    assert paid[0] <= paid[1]


@given(goods=amounts, freight=amounts, duty=shares)
def test_amounts_are_exact_to_ten_trillion(goods: Decimal, freight: Decimal, duty: Decimal) -> None:
    """Against whole numbers of hundredths: no digit is lost and halves go up."""
    bill = assessment(BOOK, Context("DEU", TODAY, tariffs=tariffs(str(duty)))).of(
        {"goods": goods, "freight": freight}
    )
    value = int((goods + freight) * 100)
    points = int(duty * 10000)
    duty_cents = (value * points * 2 + 10000) // 20000
    vat_cents = ((value + duty_cents) * 19 * 2 + 100) // 200
    assert bill.amount("duty") * 100 == duty_cents
    assert bill.amount("vat") * 100 == vat_cents


days = st.dates(date(2021, 3, 1), date(2027, 9, 1))


@settings(max_examples=200)
@given(destination=st.sampled_from(BOOK.destinations()), on=days)
def test_only_rules_of_the_day_are_used(destination: str, on: date) -> None:
    context = Context(destination, on, tariffs=tariffs("5%"), lists=frozenset({"us301_4a"}))
    charges = BOOK.regime(destination).charges
    if not any(charge.when.holds(on) for charge in charges):  # the file begins later: no guess
        with pytest.raises(RuleError, match="No rule"):
            assessment(BOOK, context)
        return
    found = assessment(BOOK, context)
    for step in found.steps:
        assert step.charge.when.holds(on)
        assert step.use.since is None or step.use.since <= on
        assert step.use.until is None or on < step.use.until


@given(goods=amounts, share=st.decimals(min_value=0, max_value=D("0.9"), places=3))
def test_a_tax_inside_its_own_base_is_its_share_of_the_gross(
    goods: Decimal, share: Decimal
) -> None:
    rate = BOOK.rate("bra.icms", TODAY)
    book = apply_reform(BOOK, Reform("x", (replace(rate, duty=duty_of_user(str(share))),)))
    bill = assessment(book, Context("BRA", TODAY, tariffs=tariffs("14%"))).of(
        {"goods": goods}, rounding=False
    )
    tax, net = bill.amount("icms"), bill.base("icms")
    assert abs(tax - share * (net + tax)) <= D("1e-9") * (1 + net)


def test_the_harbor_fee_is_for_the_sea_only() -> None:
    for mode, fee in (("sea", D("12.50")), ("air", D(0))):
        found = assessment(BOOK, Context("USA", TODAY, mode=mode, tariffs=tariffs("0")))  # type: ignore[arg-type]
        assert found.of({"goods": D(10000)}).amount("hmf") == fee


@pytest.mark.parametrize(
    ("day", "extra"),
    [
        # a line of list 4A from China: the layers as they came and went, in points of the value
        ("2019-08-31", "0"),
        ("2019-09-01", "0.15"),
        ("2020-02-14", "0.075"),
        ("2025-02-03", "0.075"),
        ("2025-02-04", "0.175"),
        ("2025-03-04", "0.275"),
        ("2025-04-05", "0.375"),
        ("2025-04-09", "1.115"),
        ("2025-04-10", "1.525"),
        ("2025-05-14", "0.375"),
        ("2025-11-10", "0.275"),
        ("2026-02-23", "0.275"),
        ("2026-02-24", "0.175"),
        ("2026-07-23", "0.175"),
        ("2026-07-24", "0.2"),
    ],
)
def test_american_layers_by_day(day: str, extra: str) -> None:
    context = Context(
        "USA", date.fromisoformat(day), tariffs=tariffs("0"), lists=frozenset({"us301_4a"})
    )
    assert assessment(BOOK, context).of({"goods": D(1000)}).total("duty") == D(extra) * 1000


@pytest.mark.parametrize(
    ("origin", "mfn", "total"),
    [
        ("CHN", "16.5%", "29.0"),  # on top
        ("HKG", "16.5%", "29.0"),  # a heading of its own, 9903.05.43
        ("BGD", "16.5%", "26.5"),  # the lower rate
        ("DEU", "3%", "10.0"),  # up to 10 % in all
        ("DEU", "16.5%", "16.5"),  # above it already
        ("JPN", "3%", "12.5"),
        ("KEN", "16.5%", "16.5"),  # not one of the sixty
    ],
)
def test_forced_labour_action_by_origin(origin: str, mfn: str, total: str) -> None:
    """FR Doc. 2026-15181: 10 % or 12.5 %, added, or what it comes to with column 1."""
    context = Context("USA", date(2026, 8, 3), origin, tariffs=tariffs(mfn))
    assert assessment(BOOK, context).of({"goods": D(100)}).total("duty") == D(total)


@pytest.mark.parametrize(("mfn", "total"), [("4%", "40.0"), ("20%", "45.0")])
def test_the_third_annex_counts_column_1_in(mfn: str, total: str) -> None:
    """Proclamation of 2026-04-02, annex III: 15 % together with column 1; list 3 on top."""
    lists = frozenset({"us232_iii", "us301_3"})
    context = Context("USA", date(2026, 8, 3), "CHN", tariffs=tariffs(mfn), lists=lists)
    assert assessment(BOOK, context).of({"goods": D(100)}).total("duty") == D(total)


def test_what_cannot_be_assessed_is_said() -> None:
    with pytest.raises(MissingDataError, match="no import rules of"):
        assessment(BOOK, Context("NPL", TODAY))
    with pytest.raises(InputError, match="need a duty"):
        assessment(BOOK, Context("DEU", TODAY))
    with pytest.raises(RuleError, match="No rule"):
        assessment(BOOK, Context("GBR", date(2011, 1, 3), tariffs=tariffs("0")))


def test_no_binary_float_on_the_way_of_tax_money() -> None:
    for path in [
        *Path(offing.rules.__file__).parent.glob("*.py"),
        *Path(offing.landed.__file__).parent.glob("*.py"),
    ]:
        of_words = {
            line
            for part in ast.parse(path.read_text("utf-8")).body
            if isinstance(part, ast.FunctionDef) and part.name in ("_weights", "_fit")
            for line in range(part.lineno, (part.end_lineno or 0) + 1)
        }  # they weigh words, no money
        with path.open("rb") as file:
            for token in tokenize.tokenize(file.readline):
                if token.start[0] in of_words:
                    continue
                place = f"{path.name}:{token.start[0]}"
                assert not (token.type == tokenize.NAME and token.string == "float"), place
                if token.type == tokenize.NUMBER:
                    assert token.string.isdecimal(), place


def test_goods_of_the_review_bear_their_older_list_before_it_or_none() -> None:
    """89 FR 76581: from 2024-09-27; no list of 2018 or 2019 had some minerals."""
    review = {"us301_2024_25"}
    for older, before in ((set(), 0), ({"us301_4a"}, D("7.5")), ({"us301_3"}, 25)):
        lists = frozenset(review | older)
        context = Context("USA", date(2024, 9, 26), tariffs=tariffs("0"), lists=lists)
        assert assessment(BOOK, context).of({"goods": D(100)}).total("duty") == before
        after = Context("USA", date(2024, 9, 27), tariffs=tariffs("0"), lists=lists)
        assert assessment(BOOK, after).of({"goods": D(100)}).total("duty") == 25


def test_other_origins_bear_no_layer_of_china() -> None:
    lists = frozenset({"us301_4a"})
    context = Context("USA", date(2025, 3, 10), "VNM", tariffs=tariffs("0"), lists=lists)
    assert assessment(BOOK, context).of({"goods": D(100)}).total("duty") == 0


SHIPMENT: dict[str, Any] = {
    "product": "852872", "destination": "DEU", "on": date(2024, 12, 31), "price": "560 USD",
    "cost": "3150 CNY", "quantity": 300, "freight": "4500 USD", "insurance_rate": "0.003",
}  # fmt: skip


def keys(ask: Any, given: dict[str, Any]) -> set[str]:
    try:
        answer = ask(**given)
    except OffingError as error:
        return {error.key}
    said = answer.quote.warnings if ask is offing.quote else answer.cautions
    assert all("{" not in str(told) for told in cautions(said))  # each is a sentence
    return {key for key, _ in keyed(said)}


DEALS = """名称,金额,币种,{days},付款方式
甲,250000,USD,{a},OA
乙,90000,EUR,{b},OA
丙,70000,USD,{c},OA
"""


def test_a_size_in_tonnes_is_asked_about_in_plain_figures() -> None:
    answer = offing.quote(**SHIPMENT, unit_kg="0.0225")
    said = dict(keyed(answer.quote.warnings))["landed.warn_size"]
    assert said["unit"] == "kg"
    assert said["price"] == "24,889"  # 560 / 0.0225


def test_cautions_name_costs_and_carriage_in_the_readers_language(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not by the option's name; and a mode is read as a clerk writes it."""
    line = [
        "quote", "852872", "DEU", "--on", "2024-12-31", "--price", "560USD", "--cost", "3150CNY",
    ]  # fmt: skip
    line += ["--quantity", "300", "--freight", "15USD", "--mode", "空运"]
    for language, words in (("zh", "国际运费为"), ("en", "Main freight of")):
        assert run(["--lang", language, *line]) == 0
        said = "".join(capsys.readouterr().out.split("\n"))
        assert words in said
        assert "freight of USD" not in said or language == "en"


def test_digits_after_the_sixth_are_the_importers_own() -> None:
    """Of a Chinese code they would be other goods there: it is said beside the figures."""

    def told(**given: Any) -> set[str]:
        return {key for key, _ in keyed(offing.quote(**SHIPMENT | given).quote.notes)}

    assert "landed.note_own_digits" in told(product="8528724000")
    assert "landed.note_own_digits" not in told(code="85287240")


@pytest.mark.parametrize(
    ("heading", "days", "key"),
    [
        ("天数", (3, 2, 90), "settle.warn_days"),
        ("天数", (3, 60, 90), ""),  # two days of three fall due later: a book of mixed ages
        ("账期(月)", (3, 2, 3), "settle.not_in_days"),
        ("账期(天)", (90, 60, 90), ""),
        ("credit months", (3, 2, 3), "sources.no_headings"),
    ],
)
def test_days_of_a_book_are_no_months(
    tmp_path: Any, heading: str, days: tuple[int, int, int], key: str
) -> None:
    file = tmp_path / "book.csv"
    named = dict(zip("abc", days, strict=True))
    file.write_text(DEALS.format(days=heading, **named), encoding="utf-8")
    said = keys(settle, {"book": file, "on": date(2025, 10, 30)})
    assert said == ({key} if key else set())


@pytest.mark.parametrize(("amount", "odd"), [("70", True), ("25000000000", True), ("2500", False)])
def test_amounts_of_a_book_are_those_of_deals(tmp_path: Any, amount: str, odd: bool) -> None:
    file = tmp_path / "book.csv"
    file.write_text(f"金额,币种,天数\n{amount},USD,90\n90000,EUR,60\n", encoding="utf-8")
    said = keys(settle, {"book": file, "on": date(2026, 10, 30)})
    assert ("settle.warn_amount" in said) is odd, said


HOUSE = tariff_house()
SETS = Shipment(
    product="852872", destination="DEU", on=date(2026, 11, 2), quantity=D(100), currency="EUR",
    cost=Money(D(80), "EUR"), freight=Money(D(1500), "EUR"), price=Money(D(200), "EUR"),
    price_term="DDP",
)  # fmt: skip


def fob(term: Incoterm, **more: Any) -> Decimal:
    lines = quote(replace(SETS, price_term=term, **more), BOOK, HOUSE).lines
    return next(line.amount for line in lines if line.subtotal and line.stage == "FOB")


def keys_said(request: Shipment) -> list[str]:
    return [key for key, _ in keyed(quote(request, BOOK, HOUSE).notes) if "ddp" in key]


def test_the_price_by_hand() -> None:
    """20,000 = (FOB + 1,500) × 1.14 duty, × 1.19 where the tax is in the price."""
    assert abs(fob(WITHOUT_VAT) - (D(20000) / D("1.14") - 1500)) < D("0.01")
    assert abs(fob("DDP") - (D(20000) / D("1.14") / D("1.19") - 1500)) < D("0.01")
    found = quote(replace(SETS, price_term=WITHOUT_VAT), BOOK, HOUSE)
    assert abs(found.landed_before_recoverable - 20000) <= D("0.01")
    assert found.price == 20000


def test_which_of_them_was_taken_is_said() -> None:
    assert keys_said(SETS) == ["landed.note_ddp_with_vat"]
    assert keys_said(replace(SETS, price_term=WITHOUT_VAT)) == ["landed.note_ddp_without_vat"]
    assert keys_said(replace(SETS, price_term="CIF")) == []
    assert keys_said(replace(SETS, price=None)) == []
    usa = replace(SETS, destination="USA", duties={"mfn": "5%"}, national_code="8528720000")
    assert keys_said(usa) == [], "no tax is given back there: DDP is told apart from nothing"
    assert keys_said(replace(usa, price_term=WITHOUT_VAT)) == ["landed.note_ddp_no_vat"]
    assert fob(WITHOUT_VAT, **vars_of(usa)) == fob("DDP", **vars_of(usa))


def vars_of(request: Shipment) -> dict[str, Any]:
    return {name: getattr(request, name) for name in ("destination", "duties", "national_code")}


def test_the_steps_say_how() -> None:
    request = replace(SETS, price_term=WITHOUT_VAT)
    told = {step.name: step.key for step in steps(request, prepare(request, BOOK, HOUSE))}
    assert told["fob"] == "landed.step_from_landed_net"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("DDP excluding VAT", ""), ("DDP, VAT unpaid", ""), ("ddp Hamburg (VAT unpaid)", "Hamburg"),
        ("DDP excl. VAT Milano", "Milano"), ("DDP without import VAT", ""), ("DDP 不含税", ""),
        ("DDP 汉堡（增值税买方承担）", "汉堡"), ("DDP ex VAT", ""), ("DDP VAT excluded", ""),
        ("DDP", None), ("DDP incl. VAT", None), ("DDP VAT paid", None), ("DDP Exeter", None),
        ("DAP VAT unpaid", None), ("DDP without tax on packaging", None), ("FOB 不含税", None),
    ],
)  # fmt: skip
def test_as_contracts_and_ledgers_write_it(text: str, place: str | None) -> None:
    assert place_without_vat(text) == place
    read = "DDP" if text.upper().startswith("DDP") else text[:3]
    assert read_incoterm(text) == (read if place is None else WITHOUT_VAT)


def test_a_quote_a_study_and_a_declaration_take_it() -> None:
    asked: dict[str, Any] = {
        "price": "200 EUR", "on": date(2026, 11, 2), "cost": "80 EUR", "freight": "1500 EUR",
    }  # fmt: skip
    answers = [
        offing.quote("852872", "DEU", quantity=100, warehouse=HOUSE, term=term, **asked)
        for term in (WITHOUT_VAT, "DDP Hamburg, VAT unpaid", "DDP")
    ]
    assert [answer.quote.price_term for answer in answers] == [WITHOUT_VAT, WITHOUT_VAT, "DDP"]
    assert answers[0].quote.margin == answers[1].quote.margin
    assert WITHOUT_VAT in get_args(ModelFacts.model_fields["price_term"].annotation)
    assert takes_off("DDP, VAT unpaid") == takes_off("DDP")
    assert set(CONTAINS) == set(INCOTERMS)


def test_a_study_says_once_where_it_took_the_tax() -> None:
    """Of models on DDP and of sales on DDP, where a tax is given back; of no others."""
    world: Any = SimpleNamespace(
        laws=SimpleNamespace(rulebook=BOOK), study=SimpleNamespace(on=date(2026, 11, 2))
    )
    assert gives_back(world, "DEU")
    assert not gives_back(world, "USA")
    assert not gives_back(world, "NPL"), "no regime is known"

    def product(term: str, *sold: str) -> Any:
        cost = SimpleNamespace(cost=SimpleNamespace(quote=object()))
        return SimpleNamespace(
            imports=SimpleNamespace(facts=SimpleNamespace(price_term=term)),
            standings={"DEU": cost, "USA": cost},
            sales=SimpleNamespace(duty_paid=sold, now=Counter()),
            demand=SimpleNamespace(outlook={}),
        )

    def said(*products: Any) -> list[Any]:
        return list(study_run._taken_with_vat(world, products))

    assert said(product("DDP")) == [Caution("study.warn_ddp_with_vat", {"markets": ("DEU",)})]
    assert said(product(WITHOUT_VAT, "GBR"))[0]["markets"] == ("GBR",)
    assert said(product(WITHOUT_VAT), product("FOB")) == []
