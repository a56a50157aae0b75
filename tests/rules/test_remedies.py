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
from offing.rules.remedies import (
    BEYOND_QUOTA,
    FOLDER,
    Remedy,
    charged_remedies,
    measures_of,
    remedies,
)
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


def held(importer: str, code: str, on: str) -> list[tuple[str, str]]:
    """Kind and residual rate of what holds on a day."""
    day = date.fromisoformat(on)
    found = remedies(importer, "CHN", code, day)
    return [(each.kind, each.residual) for each in found if each.when.holds(day)]


def remedies_of(importer: str, code: str, on: str) -> list[tuple[str, str]]:
    """The same without what is due beyond a quota only."""
    return [each for each in held(importer, code, on) if each[0] != BEYOND_QUOTA]


@pytest.mark.parametrize(
    ("importer", "code", "on", "expected"),
    [
        # Regulations (EU) 2019/73, Article 1(2), and 2019/72: to 79.3 % together
        ("EUR", "87116010", "2020-05-01", [("ad", "62.1%"), ("cvd", "17.2%")]),
        # HMRC's notice 2304 on 2018/1579 and 2018/1690: 61.76 together, 42.73 for Hankook
        ("EUR", "40112090", "2019-05-01", [("ad", "4.48 EUR/tyre"), ("cvd", "57.28 EUR/tyre")]),
        # Regulations (EU) 2017/367 and 2017/366: 64.9 % together
        ("EUR", "85414090", "2018-05-01", [("ad", "53.4%"), ("cvd", "11.5%")]),
        ("EUR", "85414090", "2018-09-03", [("ad", "53.4%"), ("cvd", "11.5%")]),
        ("EUR", "85414090", "2018-09-04", []),
        # siblings: 2021/2011, cut by the countervailing duty of 2022/72
        ("EUR", "85447000", "2021-12-01", [("ad", "44%")]),
        ("EUR", "85447000", "2022-06-01", [("ad", "33.7%"), ("cvd", "10.3%")]),
        ("EUR", "85447000", "2024-06-01", [("ad", "88.0%"), ("cvd", "10.3%")]),
        # 2025/1139, provisional, and 2025/2333
        ("EUR", "44123310", "2025-11-20", [("ad_provisional", "62.4%")]),
        ("EUR", "44123310", "2025-11-21", [("ad", "86.8%")]),
        # 470/2014: up to 36.1; after the absorption 67.1, with 17.1 countervailing throughout
        ("EUR", "70071980", "2015-01-01", [("ad", "36.1%"), ("cvd", "17.1%")]),
        ("EUR", "70071980", "2018-01-01", [("ad", "67.1%"), ("cvd", "17.1%")]),
        # 917/2011, 2017/2179: tiles had another heading besides before 2017
        ("EUR", "69089099", "2013-01-01", [("ad", "69.7%")]),
        ("EUR", "69072100", "2020-01-01", [("ad", "69.7%")]),
        # 1095/2005 and what followed
        ("EUR", "87120030", "2010-01-01", [("ad", "48.5%")]),
        ("EUR", "87120030", "2026-01-01", [("ad", "48.5%")]),
        # 2017/649, cut by the countervailing duty of 2017/969; kept by 2023/1122 and 2023/1123
        ("EUR", "72083800", "2017-05-01", [("ad", "")]),
        ("EUR", "72083800", "2024-05-01", [("ad", "0%"), ("cvd", "35.9%")]),
        # 2016/1328, kept by 2022/2068; in the United Kingdom to 2026-08-04
        ("EUR", "72091690", "2020-05-01", [("ad", "22.1%")]),
        ("GBR", "72091690", "2023-05-01", [("ad", "22.1%")]),
        # 2021/1483, Article 1(2), kept the rates of 2015/1429; 2020/1408 up to 19.0
        ("EUR", "72193310", "2024-05-01", [("ad", "25.3%")]),
        ("EUR", "72191100", "2024-05-01", [("ad", "19.0%")]),
        ("EUR", "72191100", "2020-04-09", [("ad_provisional", "")]),
        # 2017/804 and 2023/1450, recital 2: 54.9 of all others
        ("EUR", "73041990", "2024-05-01", [("ad", "39.2%"), ("ad", "54.9%"), ("ad", "71.9%")]),
        # 703/2009, kept in 2021: Valin 7.9, others 24.0
        ("EUR", "72139110", "2022-05-01", [("ad", "24.0%")]),
        # 1008/2011, article 1(2), as amended in 2013; 1174/2005: 7.6 to 46.7
        ("EUR", "84279000", "2008-05-01", [("ad", "46.7%")]),
        ("EUR", "84279000", "2017-11-30", [("ad", "70.8%")]),
        ("EUR", "84279000", "2024-03-01", [("ad", "70.8%")]),
        # 791/2011 and 2024/357: 48.4 to 62.9
        ("EUR", "70195100", "2012-05-01", [("ad", "62.9%")]),
        # 2016/113, article 1(2), provisional; 2016/1246 ended on 2021-07-30 without a review
        ("EUR", "72142000", "2016-05-01", [("ad_provisional", "13.0%")]),
        ("EUR", "72142000", "2021-07-29", [("ad", "22.5%")]),
        ("EUR", "72142000", "2021-07-30", []),
        # 2020/492 (HMRC's notice 2395) and 2020/776 (2408)
        ("EUR", "70193900", "2020-05-01", [("ad", "99.7%")]),
        ("EUR", "70193900", "2020-07-01", [("ad", "69.0%"), ("cvd", "30.7%")]),
        # 412/2013: 13.1 to 36.1, from 2013-05-16 to 2019-07-15
        ("EUR", "69111000", "2019-07-15", [("ad", "36.1%")]),
        ("EUR", "69111000", "2013-05-15", []),
        ("EUR", "6911100090", "2026-02-06", [("ad", "36.1%")]),
        ("EUR", "6911100090", "2026-02-07", [("ad", "79.0%")]),
        # 2024/1923, provisional, 14.4 to 39.7; 2025/4, 0.25 to 0.74 euros a kilogram
        ("EUR", "28230000", "2024-09-01", [("ad_provisional", "39.7%")]),
        ("EUR", "28230000", "2025-09-01", [("ad", "0.74 EUR/kg")]),
        # 83 FR 25645, 84 FR 4434, 86 FR 36703; the OTR orders: 84 FR 20616; no order on anodes
        ("USA", "8433110050", "2022-05-01", [("ad", "263.75%")]),
        ("USA", "8433110050", "2021-07-12", []),
        ("USA", "3801105000", "2026-05-01", []),
        ("USA", "4011800000", "2019-02-03", [("ad", "105.31%"), ("cvd", "")]),
        ("USA", "4011800000", "2019-02-04", []),
        # 2024/1866, provisional, before 2024/2754
        ("EUR", "87038010", "2024-08-01", [("cvd", "37.6%")]),
        ("EUR", "87038010", "2024-11-01", [("cvd", "35.3%")]),
        # CBSA: provisional from 2025-10-09, the Tribunal's finding of 2026-02-06
        ("CAN", "7303000010", "2025-12-01", [("ad_provisional", "312.4%"), ("cvd", "16.8%")]),
        ("CAN", "7303000010", "2026-03-01", [("ad", "444.2%"), ("cvd", "1550.44 CNY/tonne")]),
        # Notification 02/2025-Customs (SG), falling each year, with a gap after the provisional one
        ("IND", "72083800", "2025-12-01", []),
        ("IND", "72083800", "2026-11-30", [("safeguard", "11.5%")]),
        # the Union's measures were the United Kingdom's to the end of 2020, then its own
        ("GBR", "87116010", "2020-05-01", [("ad", "62.1%"), ("cvd", "17.2%")]),
        ("GBR", "87116010", "2021-05-01", [("ad", "62.1%"), ("cvd", "17.2%")]),
        ("GBR", "40112090", "2019-05-01", [("ad", "4.48 EUR/tyre"), ("cvd", "57.28 EUR/tyre")]),
        ("GBR", "69072100", "2023-01-01", [("ad", "69.7%")]),
        ("GBR", "85414090", "2021-05-01", []),
    ],
)
def test_a_measure_before_its_last_renewal(
    importer: str, code: str, on: str, expected: list[tuple[str, str]]
) -> None:
    assert remedies_of(importer, code, on) == expected


def test_a_period_without_a_rate_is_not_silent() -> None:
    """Fasteners under Regulation 91/2009, e-bikes under a provisional act."""
    assert held("EUR", "73181588", "2012-01-01") == [("ad", "")]
    assert held("EUR", "73181588", "2018-01-01") == []
    assert held("EUR", "87116010", "2018-12-01") == [("ad_provisional", "")]


@pytest.mark.parametrize(
    ("importer", "code", "on", "rate"),
    [
        ("EUR", "72083800", "2025-05-01", "25%"),
        ("EUR", "72083800", "2018-09-01", "25%"),  # provisional, from 2018-07-19
        ("EUR", "72083800", "2018-07-18", None),
        ("EUR", "72104900", "2026-06-30", "25%"),
        ("EUR", "72104900", "2026-07-01", "50%"),  # Regulation (EU) 2026/1384
        ("EUR", "72193310", "2020-01-01", "25%"),
        ("GBR", "72104900", "2023-06-01", "25%"),
        ("GBR", "72104900", "2019-06-01", "25%"),  # the Union's
        ("GBR", "72104900", "2025-09-01", None),  # China is exempt in category 4 that year
        ("GBR", "72101220", "2025-09-01", "25%"),  # and not in category 6
        ("GBR", "72083800", "2026-09-01", "50%"),
        ("EUR", "73239300", "2025-05-01", None),  # no steel product of the categories
    ],
)
def test_steel_beyond_a_quota(importer: str, code: str, on: str, rate: str | None) -> None:
    found = [share for kind, share in held(importer, code, on) if kind == BEYOND_QUOTA]
    assert found == ([rate] if rate else [])


def test_what_is_beyond_the_quota_is_charged_when_asked() -> None:
    """1,000 × 1.25 × 1.19 = 1,487.50."""
    asked = {
        "duty": {"mfn": "0", "safeguard": "25%"},
        "price": "1 USD",
        "currency": "USD",
        "freight": 0,
    }
    made = quote.quote(
        "72104900", "DEU", on=date(2025, 5, 1), quantity=1000, unit="kg", **asked,  # type: ignore[arg-type]
    ).quote  # fmt: skip
    assert {line.name: line.amount for line in made.lines}["safeguard"] == Decimal("250.00")
    assert made.landed == Decimal("1487.50")
    assert charged_remedies("EUR", "CHN", "72104900", date(2025, 5, 1)) == ()


@pytest.mark.parametrize(
    "remedy",
    [r for r in EVERY if r.kind == "investigation"],
    ids=lambda r: f"{r.country}-{r.product}",
)
def test_an_investigation_has_its_first_day(remedy: Remedy) -> None:
    assert remedy.when.since is not None


def test_periods_of_a_measure_do_not_overlap() -> None:
    """Two rows of one measure on one day would be two duties."""
    for one in EVERY:
        for other in EVERY:
            same = (one.country, one.product, one.kind, one.codes) == (
                other.country, other.product, other.kind, other.codes,
            )  # fmt: skip
            if one is not other and same and one.kind != "investigation":
                assert not one.when.meets(other.when), (one.country, one.product, one.when)


def told(destination: str, code: str, on: str, **more: object) -> list[str]:
    made = quote.quote(
        code, destination, on=date.fromisoformat(on), duty=more.pop("duty", "0"),  # type: ignore[arg-type]
        price="1 USD", currency="USD", freight=0, quantity=1000, unit="kg", **more,  # type: ignore[arg-type]
    ).quote  # fmt: skip
    return [caution_text(Caution(key, values)) for key, values in keyed(made.warnings)]


def test_a_quota_is_said_with_both_sums() -> None:
    """25 % of 1,000 is 250: beyond the quota, in no sum."""
    for destination, code, on in (
        ("DEU", "72083800", "2025-05-01"),
        ("GBR", "72104900", "2023-06-01"),
    ):
        (text,) = [t for t in told(destination, code, on) if "tariff quota" in t]
        assert "Nothing is due within the quota" in text
        assert "beyond it USD 250.00 on this shipment, which is not in the sums" in text
        assert "--duty safeguard=25%" in text
    with using_language("zh"):
        assert any("关税配额外的保障措施税" in t for t in told("DEU", "72083800", "2025-05-01"))


def test_an_investigation_is_not_told_before_it_began() -> None:
    """Passenger tyres: dumping from 2025-05-21, subsidies from 2025-11-06."""
    assert held("EUR", "40111000", "2019-06-01") == []
    assert held("EUR", "40111000", "2025-05-20") == []
    assert held("EUR", "40111000", "2025-05-21") == [("investigation", "")]
    assert held("EUR", "40111000", "2025-11-06") == [("investigation", "")] * 2
    # graphite electrodes in the Eurasian Union: disclosure of 2025-09-26
    assert held("RUS", "8545110089", "2024-01-01") == []


def test_an_unknown_first_day_is_shown_as_unknown() -> None:
    unknown = [r for r in EVERY if r.when.since is None]
    assert unknown
    assert all(r.kind != "investigation" for r in unknown)
    (text, *_) = told("AUS", "73241000", "2021-06-01")
    assert "(since a day not known here)" in text


def test_a_day_of_looking_stands_only_where_somebody_looked() -> None:
    """A row from memory has none; each quote says the row's own."""
    assert not [r for r in EVERY if r.status == "recalled" and r.still_valid_on]
    (text, *_) = told("DEU", "87120030", "2020-01-01")
    assert "Document last looked at: 2026-11-30." in text
    (memory,) = [t for t in told("DEU", "72159000", "2020-01-01") if "quota" not in t] or [""]
    assert "2026" not in memory
    (first, *_) = told("DEU", "87149110", "2020-01-01")
    assert "not since it was written" in first
