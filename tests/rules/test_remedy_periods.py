"""Trade defence by day: before a last renewal, beyond a quota, before an investigation began.

Days and rates are those of the documents that the rows name, written down by hand.
"""

from datetime import date
from decimal import Decimal

import pytest

from cautions import keyed
from offing.api import quote
from offing.report.words import caution_text
from offing.rules.remedies import (
    BEYOND_QUOTA,
    FOLDER,
    Remedy,
    charged_remedies,
    measures_of,
    remedies,
)
from offing.terms.caution import Caution
from offing.terms.messages import using_language

EVERY = [
    remedy
    for path in sorted(FOLDER.glob("*.csv"))
    for remedy in measures_of({"eaeu": "RUS"}.get(path.stem, path.stem.upper())) or ()
]


def held(importer: str, code: str, on: str) -> list[tuple[str, str]]:
    """Kind and residual rate of what holds on a day."""
    day = date.fromisoformat(on)
    found = remedies(importer, "CHN", code, day)
    return [(each.kind, each.residual) for each in found if each.when.holds(day)]


def duties(importer: str, code: str, on: str) -> list[tuple[str, str]]:
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
    assert duties(importer, code, on) == expected


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
