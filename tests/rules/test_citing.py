"""Values and sources of rules in words, in both languages."""

from pathlib import Path

import pytest

from offing.cli.app import run
from offing.rules.rule_use import RuleUse, Unit, cite_source, value_text
from offing.terms.messages import using_language
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder


def test_citations_stay_and_remarks_are_translated() -> None:
    with using_language("zh"):
        assert (
            cite_source("Customs Act, s. 16 · @recalled") == "Customs Act, s. 16 · 未经官方文本核实"
        )
        assert cite_source("@rcep|country=AUS") == "RCEP 附件一，澳大利亚承诺表"
        assert cite_source("@mof_list|year=2024|number=15|list=2").startswith(
            "财政部 税务总局公告 2024"
        )
        assert cite_source("Directive 2006/112/EC, art. 96") == "Directive 2006/112/EC, art. 96"
    with using_language("en"):
        same = "EU common customs tariff as at 2020, in the UK Global Tariff table"
        assert cite_source("@eu_in_uk|year=2020") == same


def use(value: str, unit: Unit, **inputs: str) -> RuleUse:
    return RuleUse("x", value, None, None, "", "official", unit, tuple(inputs.items()))


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        (
            use("goods + freight + insurance", "sum"),
            "货值 + 运费 + 保险费",
            "goods + freight + insurance",
        ),
        (
            use("04-30", "claim_day", limit_months="36"),
            "次年 04-30 前；36 个月",
            "by 04-30 of the next year; 36 months",
        ),
        (use("Free", "duty"), "Free", "Free"),
        (use("0.20", "share"), "20%", "20%"),
        (
            use("0.12", "share", urban="0.07", education="0.03", local="0.02"),
            "7% + 3% + 2% = 12%",
            None,
        ),
        (use("5", "working_days"), "5 个工作日", "5 working days"),
    ],
)
def test_values(given: RuleUse, zh: str, en: str | None) -> None:
    with using_language("zh"):
        assert value_text(given) == zh
    with using_language("en"):
        assert value_text(given) == (zh if en is None else en)


def test_every_source_of_the_starter_tariffs_is_in_chinese_or_an_act() -> None:
    house = Warehouse(Path(starter_folder()), is_starter=True)
    rows = house.query(f"SELECT DISTINCT source FROM {house.source_sql('duty_lines')}")
    acts = ("EO ", "memorandum of")
    with using_language("zh"):
        for source in rows["source"]:
            assert cite_source(source) != source or source.startswith(acts), source


def test_json_has_the_words_of_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    day = "--on", "2026-10-30", "--price", "800 USD", "--quantity", "100"
    assert run(["quote", "8528720404", "USA", *day, "--json"]) == 0
    out = capsys.readouterr().out
    assert "@usitc" not in out
    assert cite_source("@usitc") in out
