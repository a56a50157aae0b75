"""Tariff lines of one code: the nearest to the product come first, in whole words."""

from datetime import date

import pytest

import offing
from offing.rules.tariff import WIDTH, NationalLine, rank_lines, words_of
from offing.terms.errors import InputError
from offing.terms.interval import Interval
from offing.terms.messages import using_language

TEXTS = {
    "85284200": 'Cathode-ray tube monitors "CRT" capable of directly connecting to and designed '
    "for use with an automatic data processing machine of heading 8471 (excl. with TV receiver)",
    "85286980": "Colour projectors (excl. with TV receiver, designed for computer use)",
    "85287119": "Video tuners capable of receiving television signals",
    "85287210": "Television projection equipment, colour",
    "85287240": "Reception apparatus for television, colour, with LCD screen (excl. monitors)",
    "85287260": "Reception apparatus for television, colour, with a plasma display",
}


def lines() -> list[NationalLine]:
    always = Interval(None, None)
    return [
        NationalLine("EUR", code, "mfn", "14%", text, always, "") for code, text in TEXTS.items()
    ]


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["65-inch mini-LED television", "65 英寸 Mini LED 电视"], "85287240"),
        (["120-inch laser television"], "85287210"),
        (["plasma TV"], "85287260"),
        (["office projector"], "85286980"),
        (["CRT monitor"], "85284200"),
    ],
)
def test_the_line_of_the_models_own_words_comes_first(names: list[str], first: str) -> None:
    assert rank_lines(lines(), "8528", names)[0].code == first


@pytest.mark.parametrize(
    ("texts", "names", "first"),
    [
        ({"1": "With fur", "2": "2 その他のもの"}, ["男式棉制工装夹克"], "2"),
        ({"1": "Containing 36 percent or more by weight of flax", "2": "Other"}, ["夹克"], "2"),
        ({"1": "Containing flax", "2": "Other"}, ["亚麻西服"], "1"),
        ({"1": "Of man-made: Other", "2": "Of cotton: With fur"}, ["棉夹克"], "2"),
    ],
)  # fmt: skip
def test_what_a_name_does_not_say_comes_after_other_goods(
    texts: dict[str, str], names: list[str], first: str
) -> None:
    """The two lines of a cotton jacket in the tariffs of Japan and the United States."""
    always = Interval(None, None)
    rows = [NationalLine("USA", n, "mfn", "9%", text, always, "") for n, text in texts.items()]
    assert rank_lines(rows, "620332", names)[0].code == first


def test_texts_are_whole_words_with_our_chinese_name_before_english_ones() -> None:
    first = lines()[0]
    shown = words_of(first)
    assert len(shown) <= WIDTH + 2
    assert shown.endswith(" …")
    assert TEXTS["85284200"].startswith(shown.removesuffix(" …"))
    assert TEXTS["85284200"][len(shown) - 2] == " "
    with using_language("zh"):
        assert words_of(lines()[4]).startswith("彩色电视接收装置  Reception")


def test_a_quote_asks_with_the_nearest_first_and_chooses_none() -> None:
    with pytest.raises(InputError) as asked:
        offing.quote(
            "电视机", "DEU", on=date(2024, 12, 31), price="560 USD", cost="3150 CNY", quantity=300
        )
    assert asked.value.key == "landed.several_lines"
    found = asked.value.values["tariff_lines"]
    assert [line.code[:6] for line in found[:4]] == ["852872"] * 4  # type: ignore[index]
    assert found[-1].code[:6] != "852872"  # type: ignore[index]
    assert "852872" in str(asked.value.next_step)
