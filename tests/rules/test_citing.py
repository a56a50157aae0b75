"""Values and sources of rules in words, in both languages."""

from pathlib import Path

import pytest

from offing.rules.citing import cited, valued
from offing.terms.messages import speaking
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder


def test_citations_stay_and_remarks_are_translated() -> None:
    with speaking("zh"):
        assert (
            cited("Customs Act, s. 16 · recalled") == "Customs Act, s. 16 · 凭记忆录入，未再查原文"
        )
        assert cited("RCEP Annex I, schedule of AUS") == "RCEP 附件一，澳大利亚承诺表"
        assert cited("MoF/STA Announcement 2024 No. 15, list 2").startswith(
            "财政部 税务总局公告 2024"
        )
        assert cited("Directive 2006/112/EC, art. 96") == "Directive 2006/112/EC, art. 96"
    with speaking("en"):
        same = "EU common customs tariff as at 2020, in the UK Global Tariff table"
        assert cited(same) == same


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("goods + freight + insurance", "货值 + 运费 + 保险费", "goods + freight + insurance"),
        (
            "0.3464% MIN 32.71 USD/entry MAX 634.62 USD/entry",
            "0.3464%，每票最低 32.71 USD、最高 634.62 USD",
            "0.3464%, at least 32.71 USD and at most 634.62 USD an entry",
        ),
        ("by 04-30 of the next year; 36 months", "次年 04-30 前；36 个月", None),
        ("10.20% + 93.10 EUR / 100 kg", "10.20% + 93.10 EUR / 100 kg", None),
        ("Free", "Free", "Free"),
    ],
)
def test_values(text: str, zh: str, en: str | None) -> None:
    with speaking("zh"):
        assert valued(text) == zh
    with speaking("en"):
        assert valued(text) == (text if en is None else en)


def test_every_source_of_the_starter_tariffs_is_in_chinese_or_an_act() -> None:
    house = Warehouse(Path(starter_folder()), is_starter=True)
    rows = house.query(f"SELECT DISTINCT source FROM {house.source_sql('duty_lines')}")
    acts = ("EO ", "memorandum of")
    with speaking("zh"):
        for source in rows["source"]:
            assert cited(source) != source or source.startswith(acts), source
