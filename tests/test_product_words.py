"""Products found by what people call them; a word is never guessed at."""

import csv

import pytest

from offing.terms.errors import InputError
from offing.terms.hs import product_code
from offing.terms.products import _words, codes_named
from shared_data import shared


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
