"""The tariffs of Japan, the Eurasian Union, Australia and Indonesia: by their patterns.

The shipment: worth 1,000,000 of the importer's money, 8,000 kg, 500 items, 400 pairs, 900 l,
2,000 m2, 1,600 cm3 an item (in all 800,000), 60 minutes, 8 t. The duties beside the lines are plain
arithmetic of the customs' texts, written down apart from the reader.
"""

import csv
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from offing.cli.app import run
from offing.rules.duty import Dutiable, convert_duty
from offing.rules.duty_text import parse_duty
from offing.sources import tariff_national as national
from offing.warehouse import Warehouse
from offing.warehouse.loading import load
from shared_data import shared

D = Decimal
V = 1_000_000
MEASURES = {
    "kg": D(8000), "item": D(500), "pair": D(400), "l": D(900), "m2": D(2000), "cm3": D(800_000),
    "minute": D(60), "l alcohol": D(300), "l alcohol over 1.15%": D(200), "kg tobacco": D(50),
    "kg total soluble solids": D(700),
}  # fmt: skip
EURO, DOLLAR = D(100), D(90)
"""Roubles for one."""


def duty(
    expression: str, currency: str, elements: dict[str, Decimal] | None = None, value: int = V
) -> Decimal:
    rates = {"EUR": EURO, "USD": DOLLAR}
    read = convert_duty(parse_duty(expression), currency, lambda code: rates[code])
    return read.of(Dutiable(D(value), currency, date(2026, 7, 1), MEASURES, elements or {}))


JAPANESE = [  # general, temporary, WTO, duty in yen
    ("無税", "", "(無税)", 0), ("10%", "", "8.5%", 85_000), ("10%", "", "(12%)", 100_000),
    ("3%", "", "", 30_000), ("10%", "無税", "8%", 0), ("◎16.2%", "", "", 162_000),
    ("5.8%", "※17.7%", "3.9%", 177_000), ("4%", "8.5%", "", 85_000),
    ("190円/kg", "", "161.50円/kg", 1_292_000), ("466円/kg", "", "(482円/kg)", 3_728_000),
    ("25%又は60円/kgのうちいずれか高い税率", "", "20%又は48円/kgのうちいずれか高い税率", 384_000),
    ("60%又は4,800円/足のうちいずれか高い税率", "",
     "30%又は4,300円/足のうちいずれか高い税率", 1_720_000),
    ("5.6%又は4.4%＋1.52円/㎡のうちいずれか高い税率", "",
     "3.7%又は2.9%＋1.01円/㎡のうちいずれか高い税率", 37_000),
    ("9.6%又は160円/㎡のうちいずれか高い税率", "",
     "7.9%又は130円/㎡のうちいずれか高い税率", 260_000),
    ("25%＋63円/kg", "", "21.3%＋54円/kg", 645_000),
    ("(35%＋466円/kg)", "36%＋130円/kg", "", 1_400_000),
    ("934円/kl", "", "", "840.6"), ("6.40円/l", "", "", 5760), ("930円/MT", "", "624円/MT", 4992),
    ("4,000,000円/頭", "", "3,400,000円/頭", 1_700_000_000), ("1.50円/枚", "", "", 750),
    ("(73.70円−課税価格)/kg", "", "", 0), ("◎(170円−課税価格)/kg", "", "", 360_000),
    ("11.7%又は72.90円/kgのうちいずれか低い税率", "", "", 117_000),
    ("6%又は1.51円/本のうちいずれか高い税率", "", "5%又は1.25円/本のうちいずれか高い税率", 50_000),
    ("21.3%又は156.80円/lのうちいずれか低い税率\nただしその税率が93円/lを下回る場合は93円/l", "",
     "15%又は125円/lのうちいずれか低い税率\nただしその税率が67円/lを下回る場合は67円/l", 112_500),
    ("(8.5%＋290.70円/1,000本)", "", "(8.5%＋290.70円/1,000本)", "85145.35"),
    ("10%", "26%+130円/kg", "", 1_300_000), ("(500円\n/kg)", "", "", 4_000_000),
    ("8%", "", "(3%)〜(6%)", 80_000), ("8%", "", "(無税)〜(4.8%)又は(8.8円/kg)", 80_000),
    ("5%", "", "（3.3%）", 50_000), ("4%", "", "(一部3.5%）", 40_000), ("5%", "", "免税", 0),
    ("10%", "", "*29.8%＋396円/kg", 3_466_000), ("10%", "", "**(61.9%)", 100_000),
    ("10%", "", "29.8%+\n915円/kg", 7_618_000), ("4%", "※1％", "", 10_000),
    ("5%", "◎無税", "3%", 0), ("5%", "19,508円/頭", "", 9_754_000),
]  # fmt: skip
RUSSIAN = [  # text, duty in roubles
    ("0", 0), ("5%", 50_000), ("6.5", 65_000), ("50%, но не менее 1 EUR за 1 кг", 800_000),
    ("10%, но не менее 25.5 евро за шт", 1_275_000), ("15%, но не менее 2.02 EUR за 1 шт", 150_000),
    ("0.06 EUR за 1 кг", 48_000), ("10%, но не менее 0.046 EUR за 1 л", 100_000),
    ("250 USD за 1 т", 180_000), ("0.75 EUR за 1 пар", 30_000),
    ("20%, но не менее 0.8 EUR за 1 см3, мл", 64_000_000), ("2 EUR за 1 л", 180_000),
    ("1 EUR за 1 см3, мл", 80_000_000), ("0.38 EUR за 1 м2", 76_000),
    ("4.5% плюс 0.02 EUR за 1 кг", 61_000), ("2 EUR за 1 1000 шт", 100),
    ("17%, но не менее 1.7 EUR за 1 1000 шт", 170_000), ("2.86 EUR за 1 шт", 143_000),
]  # fmt: skip
AUSTRALIAN = [  # text, duty in Australian dollars
    ("Free", 0), ("5%", 50_000), ("5% CAFree", 50_000), ("5% DCS4% DCT5%", 50_000),
    ("Free\u200b", 0), ("4% DCSFree", 40_000), ("5% DCS4% CAFree DCT5%", 50_000),
    ("5% From1July2018 3.75% From1July2019 Free", 0), ("10% DC5% From 1 January 2015 5%", 50_000),
    ("From1January20173.75% From 1 July 20172.5% From 1 July 20181.25% From 1 July 2019Free", 0),
    ("$0.526/L NZ/PG/FI/DC/LDC/SG $0.526/L", "473.4"),
    ("5%, and $107.99/L of alcohol NZ/PG/FI/DC/LDC/SG $107.99/L of alcohol", 82_397),
    ("$107.99/L of alcohol NZ/PG/FI/DC/LDC/SG $107.99/L of alcohol", 32_397),
    ("$10.57/L of alcohol, calculated on that alcohol content by which the percentage by volume of \
alcohol of the goods exceeds 1.15 NZ/PG $10.57/L", 2114),
    ("$2,445.26/kg of tobacco content NZ/PG/FI/DC/LDC $2,445.26/kg of tobacco content", 122_263),
    ("$2,445.26/kg NZ/PG/FI/DC/LDC $2,445.26/kg", 19_562_080), ("5% MYFree", 50_000),
    ("$1.220/kg DC$1.220/kg, less 5%", 9760), ("5%, or, if lower, $0.45/kg TSS", 315),
    ("$1.52829/stick NZ/PG/FI/DC/LDC $1.52829/stick", "764.145"), ("\u200b5% CAFree", 50_000),
    ("5%, and $0.526/L NZ/PG/FI/DC/LDC/SG $0.526/L DCS4%, and $0.526/L", "50473.4"),
]  # fmt: skip
INDONESIAN = [
    ("0", 0), ("5", 50_000), ("12,5", 125_000), ("150", 1_500_000), ("450,-/kg", 3_600_000),
    ("550-/kg", 4_400_000), ("21.450,-/menit", 1_287_000), ("14.000,-/liter", 12_600_000),
]  # fmt: skip


@pytest.mark.parametrize(("general", "temporary", "wto", "yen"), JAPANESE)
def test_japan(general: str, temporary: str, wto: str, yen: object) -> None:
    expression = national.japan_rate(general, temporary, wto)
    assert expression is not None
    assert duty(expression, "JPY") == D(str(yen))


FILES: dict[str, tuple[str, Callable[[dict[str, str]], object]]] = {
    "EAEU": ("eaeu_2026-06-18.csv", lambda row: national.russian(row["duty_text"])),
    "IDN": ("idn_btki2022.csv", lambda row: national.indonesian(row["import_duty_pct"])),
    "AUS": ("aus_2026-04.csv", lambda row: national.australian(row["duty_text"])),
    "JPN": (
        "jpn_2026-07.csv",
        lambda row: national.japan_rate(row["基本"], row["暫定"], row["WTO協定"]),
    ),
}


@pytest.mark.parametrize("whose", FILES)
def test_nearly_every_line_is_read(whose: str) -> None:
    """The bar is 99.5 % of the lines; the rest are listed in the quarantine."""
    name, read = FILES[whose]
    lines: dict[str, bool] = {}
    with (shared("national_tariffs") / name).open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            text = row.get("duty_text", "x").strip("\u200b ")
            if text and not (whose == "AUS" and len(row["code"]) != 8):
                found = read(row)
                for expression in found if isinstance(found, list) else [(found,)]:
                    assert expression[0] is None or parse_duty(str(expression[0]))
                lines[row["code"]] = lines.get(row["code"], False) or found is not None
    assert len(lines) > 4700
    assert sum(lines.values()) / len(lines) >= 0.995


def table(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_quote_into_russia_pays_the_minimum_by_the_piece(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """300 sets at USD 100: 10 % is USD 10 a set, and the least is EUR 25.50 a set."""
    eaeu = table(
        tmp_path, "eaeu.csv", 'code,duty_text\n8528722001,"10%, но не менее 25.5 EUR за 1 шт"\n'
    )
    house = tmp_path / "house"
    load("tariff-national", [eaeu], house)
    assert Warehouse.open(house).table("duty_lines").height >= 5
    asked = ["quote", "8528722001", "RUS", "--on", "2026-09-01", "--price", "100USD", "--quantity"]
    asked += ["300", "--cost", "400CNY", "--freight", "0", "--rate", "RUB=80", "--currency", "USD"]
    asked += ["--measure", "item=300", "--rates-age", "400", "--json", "--warehouse", str(house)]
    assert run(asked) == 0
    lines = json.loads(capsys.readouterr().out)["quote"]["lines"]
    (paid,) = [D(str(line["amount"])) for line in lines if line["name"] == "duty"]
    euros = 300 * D("25.5")
    assert euros * D("1.0") < paid < euros * D("1.35")  # in dollars at the euro's rate
    assert paid > 2 * D(3000)


def test_japan_has_lines_of_rcep_and_a_quarantine(tmp_path: Path) -> None:
    jpn = table(
        tmp_path,
        "jpn.csv",
        "code,description_ja,基本,暫定,WTO協定,EPA_RCEP_中国\n852872000,テレビ,無税,,(無税),無税\n"
        '640399000,靴,60%,,30%,"21.6%"\n640391000,靴,20%,,●5%〜8%,●1%又は非譲許\n'
        "020319000,豚肉,10%,,8%,●1%又は非譲許\n",
    )
    report = load("tariff-national", [jpn], tmp_path / "house")
    assert dict(report.load.quarantined) == {"reference.rate_not_read": 1}
    assert [note.key for note in report.load.notes] == ["reference.preference_not_read"]
    rows = Warehouse.open(tmp_path / "house").table("duty_lines")
    mine = rows.filter(importer="JPN").select("code", "regime", "partner", "expression").rows()
    assert ("640399000", "mfn", None, "30%") in mine
    assert ("640399000", "rcep", "CHN", "21.6%") in mine
