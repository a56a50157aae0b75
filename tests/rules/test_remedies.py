"""Trade defence: what may hold for a code, an origin and a day; what was read is charged."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cautions import keyed
from offing.api import quote
from offing.cli.app import run
from offing.landed import duties
from offing.landed.charges import Assessment, TaxStep
from offing.landed.duties import add_defence_charges, merge_by_measure, remedy_cautions
from offing.landed.shipment import Quote
from offing.report.words import caution_text
from offing.rules.duty import AdValorem
from offing.rules.remedies import FOLDER, Remedy, charged_remedies, measures_of, remedies
from offing.rules.rulebook import Charge
from offing.terms.caution import Caution
from offing.terms.interval import Interval
from offing.terms.messages import using_language

ON = date(2026, 3, 1)
EVERY = [
    remedy
    for path in sorted(FOLDER.glob("*.csv"))
    for remedy in measures_of({"eaeu": "RUS"}.get(path.stem, path.stem.upper())) or ()
]


def kinds(found: tuple[Remedy, ...]) -> list[tuple[str, str]]:
    return [(each.kind, each.residual) for each in found]


def test_electric_bicycles_in_the_union_by_hand() -> None:
    """Regulations (EU) 2025/120 and 2025/114, from 2025-01-25: 62.1 % and 17.2 %."""
    both = [("ad", "62.1%"), ("cvd", "17.2%")]
    assert kinds(remedies("EUR", "CHN", "8711601000", ON)) == both
    assert kinds(remedies("EUR", "CHN", "8711601000", date(2025, 1, 25))) == both
    assert kinds(remedies("EUR", "CHN", "871160", ON)) == both
    assert kinds(remedies("EUR", "CHN", "8711601000", date(2025, 1, 24))) == both
    assert kinds(remedies("EUR", "CHN", "87116010", date(2018, 12, 1))) == [("ad_provisional", "")]
    assert remedies("EUR", "CHN", "8711601000", date(2018, 7, 18)) == ()
    assert remedies("EUR", "CHN", "8711609090", ON) == ()
    assert remedies("EUR", "VNM", "8711601000", ON) == ()
    assert remedies("EUR", "CHN", "852872", ON) == ()
    assert remedies("JPN", "CHN", "8711601000", ON) == ()


def test_a_measure_follows_another() -> None:
    """Ceramic tableware: up to 36.1 % to 2026-02-06, 79 % from the next day."""
    code = "6911100090"
    assert [r.residual for r in remedies("EUR", "CHN", code, date(2026, 2, 6))] == ["36.1%"]
    assert [r.residual for r in remedies("EUR", "CHN", code, date(2026, 2, 7))] == ["79.0%"]


ENDED_IN_2021 = {
    "701939": ("701961", "701962"), "701940": ("701961", "701962"), "701951": ("701965",),
    "701959": ("701963", "701966"), "854140": ("854142", "854143"), "940140": ("940141",),
    "940390": ("940391", "940399"),
}  # fmt: skip
"""Subheadings that HS 2022 dropped, and some that took their goods: UN correlation tables."""


def test_a_measure_is_found_under_the_codes_of_today() -> None:
    """Regulation (EU) 2022/806 names the codes of 2022 of glass fibre fabrics; furniture parts."""
    on = date(2023, 6, 1)
    both = [("ad", "69.0%"), ("cvd", "30.7%")]
    assert kinds(remedies("EUR", "CHN", "70196100", on)) == both
    assert kinds(remedies("EUR", "CHN", "70193900", date(2021, 6, 1))) == both
    assert ("ad", "251.64%") in kinds(remedies("USA", "CHN", "9403910005", on))


def test_a_dropped_code_has_one_of_2022_beside_it() -> None:
    for remedy in EVERY:
        until = remedy.when.until
        if until is not None and until <= date(2022, 1, 1):
            continue
        codes = {code for code, _ in remedy.codes}
        for dropped in {code[:6] for code in codes} & ENDED_IN_2021.keys():
            assert any(code.startswith(ENDED_IN_2021[dropped]) for code in codes), dropped


def test_every_row_is_whole() -> None:
    for remedy in EVERY:
        assert all(re.fullmatch(r"\d{4,12}", code) for code, _ in remedy.codes)
        assert (
            re.search("[\u4e00-\u9fff]", remedy.product_zh) or remedy.product_zh == remedy.product
        )
        assert remedy.document
        assert remedy.source
        assert remedy.status in ("official", "secondary", "recalled")
        assert remedy.base in ("cif", "customs value", "export price", "")
        assert re.fullmatch(r"(\d+(\.\d+)?(%| [A-Z]{3}/\w+))?", remedy.residual)
        for key in (f"landed.remedy_{remedy.kind}", f"landed.remedy_{remedy.status}"):
            assert caution_text(Caution(key, {}))


def said(destination: str, **more: object) -> list[str]:
    costs = {"price": "800 EUR", "currency": "EUR", "freight": "2000 EUR", "quantity": 100}
    given = {"on": ON, "duty": "6%"} | costs | more
    made = quote.quote(given.pop("product", "871160"), destination, **given).quote  # type: ignore[arg-type]
    return [
        caution_text(Caution(key, values)) for key, values in keyed((*made.warnings, *made.notes))
    ]


def test_what_was_read_is_charged_and_named() -> None:
    """82,000 at the border: 62.1 % are 50,922, 17.2 % are 14,104, before the tax of 19 %."""
    told = said("DEU", code="8711601000")
    assert "An anti-dumping duty is charged in Germany" in told[0]
    assert "62.1% (9.9-70.1%) of the CIF value, Implementing Regulation (EU) 2025/120" in told[0]
    assert "--duty countervailing=RATE" in told[1]
    assert "check the act" in told[0]
    assert "Charged on top of it: Anti-dumping duty, Countervailing duty." in told[2]
    assert len(told) == 3

    def made(**duties: str) -> Quote:
        return quote.quote(
            "871160", "DEU", on=ON, duty={"mfn": "6%", **duties}, price="800 EUR", currency="EUR",
            freight="2000 EUR", quantity=100, code="8711601000",
        ).quote  # fmt: skip

    lines = {line.name: line.amount for line in made().lines}
    assert lines["anti_dumping"] == Decimal("50922.00")
    assert lines["countervailing"] == Decimal("14104.00")
    # 82,000 × (1 + 6 % + 62.1 % + 17.2 %) × 1.19
    assert made().landed == Decimal("180815.74")
    own = made(anti_dumping="9.9%", countervailing="3.9%")
    assert own.landed == Decimal("116900.84")  # 82,000 × (1 + 6 % + 9.9 % + 3.9 %) × 1.19
    assert made(anti_dumping="0", countervailing="0").landed == Decimal("103434.80")
    rule = next(line.rule for line in made().lines if line.name == "anti_dumping")
    measure = charged_remedies("EUR", "CHN", "8711601000", ON)[0]
    assert rule is not None
    assert (rule.status, rule.still_valid_on) == ("secondary", measure.still_valid_on)
    assert "2025/120" in rule.source


def test_what_is_from_memory_or_ended_is_never_charged() -> None:
    assert charged_remedies("RUS", "CHN", "73041910", ON) == ()  # from memory
    assert (
        charged_remedies("EUR", "CHN", "72193310", date(2026, 9, 17)) == ()
    )  # 2021/1483 has passed
    assert charged_remedies("MEX", "CHN", "39206101", ON) == ()  # its end has passed
    assert charged_remedies("EUR", "CHN", "87038010", ON) == ()  # a part of the code
    assert charged_remedies("AUS", "CHN", "73241000", ON) == ()  # no first day is known
    assert charged_remedies("EUR", "VNM", "8711601000", ON) == ()
    assert all(each.status != "recalled" for each in EVERY if each in set(CHARGED))
    assert len(CHARGED) >= 8


CHARGED = [
    measure
    for remedy in EVERY
    for code, part in remedy.codes
    if not part
    for measure in charged_remedies(
        "RUS" if remedy.country == "EAEU" else remedy.country, "CHN", code, ON
    )
    if measure == remedy
]


def test_a_code_above_or_a_part_of_one_has_no_amount() -> None:
    assert not any("on this shipment" in text for text in said("DEU"))
    cars = said("DEU", product="870380", code="87038010")
    assert "battery electric passenger cars (since 2024-10-30), residual rate 35.3%" in cars[0]
    assert "The product definition decides, not the code." in cars[0]
    assert "on this shipment" not in cars[0]


def test_what_is_said_of_each_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charged, lapsed, of no known rate, of one that tells no amount, or with its amount."""
    one = next(r for r in EVERY if r.share and not r.ended)
    open_end = Interval(date(2020, 1, 1), None)
    whole = replace(
        one, codes=(("8711", False),), kind="ad", residual="20%", base="cif", range="",
        when=open_end, status="official",
    )  # fmt: skip
    made = {
        "landed.warn_remedy_charged": replace(whole, kind="ad", document="paid"),
        "landed.warn_remedy_lapsed": replace(whole, when=Interval(date(2020, 1, 1), ON)),
        "landed.warn_remedy_unrated": replace(whole, residual=""),
        "landed.warn_remedy": replace(whole, status="recalled"),
        "landed.warn_remedy_amount": whole,
        "landed.warn_remedy_quota": replace(whole, kind="safeguard_quota", status="recalled"),
        "landed.warn_remedy_quota_amount": replace(whole, kind="safeguard_quota"),
    }
    paid = made["landed.warn_remedy_charged"]
    monkeypatch.setattr(duties, "charged_remedies", lambda *_: (paid,))
    request: Any = SimpleNamespace(
        origin="CHN", on=ON, destination="DEU", currency="EUR", product="871160", national_code="",
        duties={},
    )  # fmt: skip
    found = dict(keyed(remedy_cautions(request, list(made.values()), Decimal(1000), Decimal(1100))))
    assert set(found) == set(made)
    assert found["landed.warn_remedy_lapsed"]["until"] == str(ON - timedelta(days=1))
    assert found["landed.warn_remedy_amount"]["amount"] == "220.00"
    assert found["landed.warn_remedy_amount"]["of"] == "landed.remedy_of_cif"
    exported = replace(whole, base="export price")
    told = dict(keyed(remedy_cautions(request, [exported], Decimal(1000), Decimal(1100))))
    assert told["landed.warn_remedy_amount"]["amount"] == "200.00"


def test_many_quotes_name_a_measure_once() -> None:
    quotes = [
        quote.quote(
            "871160", market, on=ON, duty="6%", price="800 USD", freight=0, quantity=9,
            code="8711601000",
        ).quote
        for market in ("DEU", "FRA", "DEU")
    ]  # fmt: skip
    told = merge_by_measure(warning for made in quotes for warning in made.warnings)
    (dumped, aided) = [caution for caution in told if "goods" in caution.values]
    assert dumped.key == aided.key == "landed.warn_remedy_charged"
    assert "is charged in Germany and France: electric" in caution_text(dumped)


@pytest.mark.parametrize(
    ("charges", "at"),
    [
        (["customs_value", "duty:duty", "fee:duty", "vat"], 3),
        (["customs_value", "vat"], 1),
        (["levy:duty", "vat"], 1),
        (["vat"], 0),
        ([], 0),
    ],
)
def test_a_measure_is_charged_after_the_duties_and_before_the_taxes(
    charges: list[str], at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [name.split(":") for name in charges]
    steps = tuple(
        TaxStep(
            Charge.plain(name, cast(Any, (stage or ["tax"])[0]), ()),
            AdValorem(Decimal(0)),
            cast(Any, None),
        )
        for name, *stage in known
    )
    asked: list[tuple[str, ...]] = []

    def more(_: Any, __: Any, base: tuple[str, ...]) -> Any:
        asked.append(base)
        return ("new",)

    monkeypatch.setattr(duties, "remedy_steps", more)
    whole = Assessment("INR", ON, steps)
    found = add_defence_charges(whole, None, "IND").steps  # type: ignore[arg-type]
    assert found == (*steps[:at], "new", *steps[at:])
    [base] = asked
    assert (base == ("customs_value",)) == ("customs_value" in charges)
    monkeypatch.setattr(duties, "remedy_steps", lambda *_: ())
    assert add_defence_charges(whole, None, "IND") is whole  # type: ignore[arg-type]


def test_members_of_the_eurasian_union_have_one_table() -> None:
    assert measures_of("KAZ") == measures_of("RUS") != None  # noqa: E711
    assert [r.residual for r in remedies("KAZ", "CHN", "8482500009", ON)] == ["41.5%"]


def test_citric_acid_is_warned_of() -> None:
    """Its end in the Union is known, and a review may have prolonged it."""
    sold = {"price": "120 EUR", "freight": "5 EUR", "unit": "kg"}
    assert "citric acid" in said("DEU", product="291814", code="29181400", **sold)[0]
    american = said("USA", product="291814", code="2918140000", unit="kg")
    assert [text for text in american if "A-570-937" in text]


def test_what_is_from_memory_says_so() -> None:
    told = said("DEU", product="871491", code="87149110")
    assert "48.5%" in told[0]
    assert told[0].endswith("From memory: check before use.")
    with using_language("zh"):
        assert "自行车零件" in (chinese := said("DEU", product="871491", code="87149110")[0])
        assert chinese.startswith("德国可能征收反倾销税")


@pytest.mark.parametrize(
    ("destination", "more", "words"),
    [
        ("DEU", {"product": "852872", "duty": None}, "measures of Germany that are known here"),
        ("JPN", {}, "there is no table of Japan"),
        ("DEU", {"origin": "VNM"}, "none on those of Vietnam"),
    ],
)
def test_what_was_not_checked_is_a_note(
    destination: str, more: dict[str, object], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in said(destination, **more)[-1]
    line = ["quote", str(more.get("product", "871160")), destination, "--on", "2026-03-01"]
    line += ["--price", "800EUR", "--freight", "2000EUR", "--quantity", "100", "--lang", "en"]
    line += ["--duty", "6%", "--origin", str(more.get("origin", "CHN"))]
    assert run(line) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "• Trade defence" in out
    assert "! Trade defence" not in out
