"""Forty lines and more each of the tariffs of Australia, the Eurasian Union and Indonesia, by hand.

A line is a code, the text of its rate as customs publish it, and the duty. The shipment: worth
1,000,000 of the importer's money where no other value stands, 8,000 kg (8 t), 500 items, 400 pairs,
900 l, 2,000 m2, 800,000 cm3, 60 minutes, 200 l of alcohol above 1.15 %. A euro is 100 roubles, a
dollar 90. The duties were worked out on paper from the texts: 10 %, at least EUR 42 a piece, of
1,000,000 is the larger of 100,000 and 500 × 42 × 100 = 2,100,000. Together with the lines of
``test_tariff_national`` every pattern of the three files that has one meaning is here.
"""

import csv
import re
from datetime import date
from decimal import Decimal

import pytest

from offing.sources import tariff_national as national
from shared_data import shared
from sources.test_tariff_national import AUSTRALIAN, INDONESIAN, RUSSIAN, duty

V = 1_000_000
DAY = date(2026, 7, 1)

EURASIAN: list[tuple[str, str, object]] = [
    # a share
    ("8511100001", "17.23", 172_300), ("8528711100", "11.25%", 112_500),
    ("5608112000", "3.75%", 37_500), ("2707501000", "0.0", 0), ("0406900000", "8.0", 80_000),
    ("2901100001", "4.6", 46_000),
    # a share with a least amount by weight, litre, piece, thousand pieces and cubic centimetre
    ("0207111001", "25%, но не менее 0.2 EUR за 1 кг", 250_000),
    ("0207111009", "80%, но не менее 0.7 EUR за 1 кг", 800_000),
    ("0204100000", "15%, но не менее 0.15 EUR за 1 кг", 150_000),
    ("6103101000", "10%, но не менее 1.88 EUR за 1 кг", 1_504_000),
    ("1006102100", "10%, но не менее 0.03 EUR за 1 кг", 100_000),
    ("0406108000", "15%, но не менее 0.3 EUR за 1 кг", 240_000),
    ("0403201100", "15%, но не менее 0.18 EUR за 1 кг", 150_000),
    ("2009611002", "12%, но не менее 0.056 EUR за 1 л", 120_000),
    ("2207100000", "100%, но не менее 2 EUR за 1 л", 1_000_000),
    ("8528723009", "10%, но не менее 42 EUR за 1 шт", 2_100_000),
    ("2402900000", "20%, но не менее 2 EUR за 1 1000 шт", 200_000),
    ("8703219094", "20%, но не менее 0.36 EUR за 1 см3, мл", 28_800_000),
    ("8704219802", "10%, но не менее 0.13 EUR за 1 см3, мл", 10_400_000),
    ("8705908009", "5%, но не менее 0.04 EUR за 1 см3, мл", 3_200_000),
    # an amount
    ("6105100000", "1.75 EUR за 1 кг", 1_400_000), ("6103230000", "2.2 EUR за 1 кг", 1_760_000),
    ("6301100000", "0.61 EUR за 1 кг", 488_000), ("2208201200", "1.5 EUR за 1 л", 135_000),
    ("2208909100", "4 EUR за 1 л", 360_000), ("6403400000", "1.25 EUR за 1 пар", 50_000),
    ("6402129000", "0.34 EUR за 1 пар", 13_600), ("5702421000", "0.25 EUR за 1 м2", 50_000),
    ("8703239081", "2.2 EUR за 1 см3, мл", 176_000_000),
    ("1701131015", "140 USD за 1 т", 100_800), ("1701991001", "340 USD за 1 т", 244_800),
    ("9613100000", "3.5 EUR за 1 1000 шт", 175),
    # a share and an amount
    ("5904100000", "10% плюс 0.08 EUR за 1 кг", 164_000),
    ("9401520000", "8% плюс 0.07 EUR за 1 кг", 136_000),
]  # fmt: skip
AUSTRALIA: list[tuple[str, str, object]] = [
    # the general rate before those of groups of countries
    ("20011000", "5% CA2%", 50_000), ("44071199", "5% DCSFree CA4%", 50_000),
    ("96200091", "5% CA Free", 50_000), ("04032010", "5% DCS 4% DCT 5%", 50_000),
    ("07142010", "5% DCSFree CAFree", 50_000), ("44188100", "5% DCS4% CA Free DCT5%", 50_000),
    ("44071110", "5% DCS4% CA4% DCT5%", 50_000), ("22060042", "5% DCS3%", 50_000),
    ("21069095", "4% DCS Free", 40_000), ("12119021", "5% DCS Free CA Free", 50_000),
    ("44141000", "5% DCS4% DTC5%", 50_000), ("53062000", "5% DC5%", 50_000),
    ("87039011", "5% CA\u200bFree\u200b", 50_000),
    # rates of later days: free since July 2019
    ("84233010", "5% DCS4% DCT5% From1July2018 2.5% From1July2019 Free", 0),
    ("85176910", "5% CAFree From1July2018 3.75% CA Free From1July2019 Free", 0),
    ("39079920", "5% From 1 July 2018 2.5% From 1 July 2019 Free", 0),
    ("49119910", "5% From1July20182.5% From1July2019Free", 0),
    ("90109020", "5% From 1July2018 2.5% From 1July2019 Free", 0),
    ("90109030", "5% DCS4% DCT;5% From 1July2018 2.5% From 1July2019 Free", 0),
    ("85045090", "5% From 1July2019 Free", 0), ("85149010", "5% From1July2019 Free", 0),
    ("84864031", "5% DCS4% DCT5% From1July 2019 Free", 0),
    ("84729010", ("5% DCS4% DCT5% From1January2017 3.75% From1July2017 2.5% From1July2018 1.25% "
     "From1July2019 Free"), 0),
    ("84869040", "5% CAFree From1July2018 2.5% CAFree From1July2019 Free", 0),
    ("84238910", "5% DCS4% CA Free DCT5% From1July2018 2.5% CA Free From1July2019 Free", 0),
    ("84439110", ("From1January2017 3.75% CA Free From1July2017 2.5% CA Free From 1 July 2018 "
     "1.25% CA Free From 1July2019 Free"), 0),
    # amounts
    ("38260010", "$0.526/L NZ/PG/FI/DC/LDC $0.526/L", "473.4"),
    ("27112110*", "$0.360/kg NZ/PG/FI/DC/LDC/SG $0.360/kg", 2880),
    ("22087000", ("5%, and $107.99/L of alcohol NZ/PG/FI/DC/LDC/SG $107.99/L of alcohol DCS3%, and "
     "$107.99/L of alcohol"), 82_397),
    ("22071000", ("5%, and $107.99/L of alcohol NZ/PG/FI/DC/LDC/SG $107.99/L of alcohol DCS4%, and "
     "$107.99/L of alcohol DCT5%, and $107.99/L of alcohol"), 82_397),
    ("22072010", ("5%, and $0.526/L NZ/PG/FI/DC/LDC/SG $0.526/L DCS4%, and $0.526/L DCT5%, and "
     "$0.526/L"), "50473.4"),
    ("38170010", "5%, and $0.526/L NZ/PG/FI/DC/LDC $0.526/L", "50473.4"),
    ("38190000", "5%, and $0.142/L NZ /PG/FI/DC/LDC $0.142/L", "50127.8"),
    ("24031910", "$1.52829/stick NZ/PG/FI/DC/LDC $1.\u200b52829/stick", "764.145"),
    ("34031110", "$0.142/kg NZ/PG/FI/DC/LDC $0.142/kg", 1136),
    ("22030067", ("$43.39/L of alcohol, calculated on that alcohol content by which the percentage "
     "by volume of alcohol of the goods exceeds 1.15 NZ/PG/FI/DC/LDC/SG $43.39/L of alcohol, "
     "calculated on that alcohol content by which the percentage by volume of alcohol of the goods "
     "exceeds 1.15"), 8678),
]  # fmt: skip
INDONESIA: list[tuple[str, str, int, int]] = [  # with the customs value, rupiah
    ("01012100", "0", 7_777_777, 0), ("98021000", "2,5", 3_200_000, 80_000),
    ("29411011", "7,5", 1_200_000, 90_000), ("03019933", "10", 850_000, 85_000),
    ("16041210", "15", 1_260_000, 189_000), ("62102020", "17.5", 1_600_000, 280_000),
    ("61130040", "22.5", 800_000, 180_000), ("39209291", "25", 1_000_004, 250_001),
    ("63090000", "35", 200_000, 70_000), ("87021060", "50", 9_990_000, 4_995_000),
    ("21069020", "150", 70_000, 105_000), ("85287210", "10", 431_000, 43_100),
    ("85076090", "10", 5_050, 505),
    ("10061010", "450,-/kg", V, 3_600_000), ("10063099", "450,-/kg", 2 * V, 3_600_000),
    ("17011200", "790,-/kg", V, 6_320_000),
    ("17011300", "550,-/kg", V, 4_400_000), ("37061090", "21.450,-/menit", V, 1_287_000),
    ("22030011", "14.000,-/liter", V, 12_600_000), ("22030091", "14.000,-/liter", 3, 12_600_000),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "roubles"), EURASIAN)
def test_eurasia(code: str, text: str, roubles: object) -> None:
    expression = national.russian(text)
    assert expression is not None, code
    assert duty(expression, "RUB") == Decimal(str(roubles))


@pytest.mark.parametrize(("code", "text", "dollars"), AUSTRALIA)
def test_australia(code: str, text: str, dollars: object) -> None:
    dated = national.australian(text)
    assert dated, code
    (now,) = [e for e, since, until in dated if (since or date.min) <= DAY and not until]
    assert duty(now, "AUD") == Decimal(str(dollars))


@pytest.mark.parametrize(
    ("on", "dollars"),
    [(date(2016, 12, 31), 50_000), (date(2017, 1, 1), 37_500), (date(2017, 7, 1), 25_000),
     (date(2018, 7, 1), 12_500), (date(2019, 6, 30), 12_500), (date(2019, 7, 1), 0)],
)  # fmt: skip
def test_the_rate_of_a_day_in_australia(on: date, dollars: int) -> None:
    """84729010: five steps down to nothing."""
    text = next(text for code, text, _ in AUSTRALIA if code == "84729010")
    dated = national.australian(text)
    assert dated
    held = [e for e, since, until in dated if (since or date.min) <= on < (until or date.max)]
    assert [duty(e, "AUD") for e in held] == [dollars]


@pytest.mark.parametrize(("code", "text", "value", "rupiah"), INDONESIA)
def test_indonesia(code: str, text: str, value: int, rupiah: int) -> None:
    expression = national.indonesian(text)
    assert expression is not None, code
    assert duty(expression, "IDR", value=value) == rupiah


FILES: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "EAEU": ("eaeu_2026-06-18.csv", "duty_text", [(code, text) for code, text, _ in EURASIAN]),
    "AUS": ("aus_2026-04.csv", "duty_text", [(code, text) for code, text, _ in AUSTRALIA]),
    "IDN": ("idn_btki2022.csv", "import_duty_pct", [(c, text) for c, text, *_ in INDONESIA]),
}


def _plain(text: str) -> str:
    return text.replace("\u200b", "").strip()


@pytest.mark.parametrize("whose", FILES)
def test_each_text_is_that_of_the_published_line(whose: str) -> None:
    name, column, lines = FILES[whose]
    texts: dict[str, set[str]] = {}
    with (shared("national_tariffs") / name).open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            texts.setdefault(_plain(row["code"]), set()).add(_plain(row[column]))
    for code, text in lines:
        assert _plain(text) in texts[code], code


OTHERS: dict[str, list[str]] = {
    "EAEU": [str(text) for text, _ in RUSSIAN],
    "AUS": [str(text) for text, _ in AUSTRALIAN],
    "IDN": [str(text) for text, _ in INDONESIAN],
}


@pytest.mark.parametrize("whose", FILES)
def test_every_pattern_of_the_file_is_among_them(whose: str) -> None:
    """The shape of a text, numbers and blanks aside; Australia's blends are not read at all."""
    name, column, lines = FILES[whose]
    given = {_shape(text) for _, text in lines} | set(map(_shape, OTHERS[whose]))
    with (shared("national_tariffs") / name).open(encoding="utf-8-sig") as file:
        texts = [row[column] for row in csv.DictReader(file) if _of_a_line(row["code"])]
    published = {_shape(text) for text in texts if _plain(text) and " plus $" not in text}
    assert published - given == set()


def _of_a_line(code: str) -> bool:
    """Whether a row is a line, and no heading above it."""
    return len(re.sub(r"\D", "", code)) in (8, 10)


def _shape(text: str) -> str:
    plain = re.sub(r"\s|/SG(?=/SG)", "", _plain(text))
    return re.sub(r"\d+([.,]\d+)*", "N", plain).replace("N%", "N")
