"""Codes found by words: planted lines, spelling, declarations, and the rates on names held back."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from benchmarks.code_names import own_names, rates

import offing
from offing.api.codes import codes
from offing.terms.errors import InputError
from offing.terms.hs import product_code
from offing.terms.products import WordIndex, _words, codes_named, search_words
from offing.warehouse import Warehouse
from shared_data import shared


def first(answer: object) -> str:
    return answer.candidates[0].code  # type: ignore[attr-defined, no-any-return]


def test_names_that_nothing_was_tuned_on_are_found() -> None:
    count, at_once, among_five = rates(own_names())
    assert count == 300
    assert at_once >= 0.55
    assert among_five >= 0.80


def test_what_a_text_excludes_is_not_what_it_is() -> None:
    index = WordIndex(
        [("010101", "Lamps (excl. desk lamps)", 1), ("020202", "Lamps; for a desk", 1)]
    )
    assert index.ranked("desk lamp") == ["020202", "010101"]
    assert index.ranked("desk lamp", least=1) == ["020202"]
    assert index.ranked("desk") == ["020202"]
    assert index.ranked("zzz") == []
    assert search_words("Men's pyjamas, of fibres n.e.c.") == ["men", "pajama", "fiber"]


def test_a_chinese_name_finds_its_own_code_first_and_its_translation_is_said() -> None:
    answer = codes("智能电饭煲")
    assert (answer.words, first(answer)) == ("智能电饭煲", "851660")
    said = {caution.key: caution.values for caution in answer.cautions}
    assert said["codes.translated"]["words"] == "electric oven"
    assert first(codes("电视机")).startswith("8528")
    named = {"净水器": "842121", "冰柜": "841830", "热水器": "851610", "空调": "841510"}
    assert {name: first(codes(name)) for name in named} == named


def test_the_words_of_a_tariff_that_is_loaded_and_of_earlier_declarations_count(
    tmp_path: Path,
) -> None:
    lines = pl.DataFrame(
        {"importer": "KEN", "code": ["33051000"], "regime": "mfn", "expression": "25%",
         "description": "Zorbly washes", "source": "planted"}
    )  # fmt: skip
    house = Warehouse.from_frames(duty_lines=lines)
    assert first(codes("zorbly", warehouse=house)) == "330510"
    ledger = tmp_path / "declared.csv"
    ledger.write_text(
        "Date,Country,Product code,Model,Quantity,Unit,Amount,Currency\n"
        "2025-03-01,Germany,8516797000,Zorbly,10,pcs,1000,USD\n",
        encoding="utf-8",
    )
    assert first(codes("zorbly", warehouse=house, ledger=ledger)) == "851679"


def test_a_number_is_read_as_a_code_and_never_as_a_word() -> None:
    for number, now in (
        ("8528.72", ["852872"]),
        ("HS 852872", ["852872"]),
        ("８５２８７２００００", ["852872"]),
        ("8517.7", None),
        ("852812", ["852871", "852872"]),
        ("851712", ["851713", "851714"]),
        ("854140", ["854141", "854142", "854143", "854149"]),
    ):
        if now is None:
            with pytest.raises(InputError) as caught:
                codes(number)
            assert caught.value.key == "hs.lost_zero"
        else:
            assert [one.code for one in codes(number).candidates] == now
    heading, chapter = codes("8528"), codes("85")
    assert len(heading.candidates) == 9
    assert {one.code[:4] for one in heading.candidates} == {"8528"}
    assert {len(one.code) for one in chapter.candidates} == {4}
    with pytest.raises(InputError) as caught:
        codes("999999")
    assert caught.value.key == "hs.in_no_edition"


@pytest.mark.parametrize(("code", "said"), [("851712", ["hs.ended"]), ("851713", [])])
def test_a_quote_of_a_code_that_ended_says_where_its_goods_are(code: str, said: list[str]) -> None:
    on = date(2026, 10, 30)
    answer = offing.quote(code, "TUR", on=on, duty="0%", price="300 USD", quantity=100)
    assert [one.key for one in answer.quote.warnings if one.key.startswith("hs.")] == said
    origin = offing.origin("560 USD", [f"IND=100@{code}"], rule="CTH", code="852872")
    assert [one.key for one in origin.cautions if one.key.startswith("hs.")] == said


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("电视机", "8528"), ("激光电视", "8528"),
        ("microwave ovens", "851650"),
        ("工作服", "6211"), ("冰箱", "8418"), ("Colour televisions", "852872"),
    ],
)  # fmt: skip
def test_a_word_that_names_one_heading_is_read(word: str, code: str) -> None:
    assert product_code(word) == code
    assert codes_named(word) == (code,)


@pytest.mark.parametrize(
    ("word", "codes"),
    [("电池", {"8506", "8507"}), ("air fryer", {"851660", "851679"}),],
)  # fmt: skip
def test_a_word_that_names_several_is_asked_about(word: str, codes: set[str]) -> None:
    with pytest.raises(InputError) as asked:
        product_code(word)
    assert asked.value.key == "hs.which_product"
    assert set(asked.value.values["codes"]) == codes  # type: ignore[call-overload]
    assert all(code in str(asked.value) for code in codes)


def test_every_code_is_one_of_the_harmonized_system() -> None:
    file = shared("hs_nomenclature/harmonized_system_2022.csv")
    with file.open(encoding="utf-8") as lines:
        known = {row["hscode"] for row in csv.DictReader(lines)}
    assert set(_words()) <= known
