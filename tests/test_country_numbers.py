"""Numbers of countries as UN Comtrade and BACI write them, where ISO 3166 has others."""

import pytest

from offing.sources.trade_checks import codes_of
from offing.terms.countries import country_code, known_code


@pytest.mark.parametrize(
    ("number", "code"),
    [("56", "BEL"), ("251", "FRA"), ("250", "FRA"), ("276", "DEU"),
     ("381", "ITA"), ("380", "ITA"), ("579", "NOR"), ("578", "NOR"), ("699", "IND"),
     ("356", "IND"), ("710", "ZAF"), ("729", "SDN"), ("757", "CHE"),
     ("756", "CHE"), ("842", "USA"), ("840", "USA"), ("490", "S19")],
)  # fmt: skip
def test_numbers_of_both(number: str, code: str) -> None:
    """France with Monaco, Italy before Ruanda, Norway with Svalbard, India before 1975, Switzerland
    with Liechtenstein, the United States with Puerto Rico.
    """
    assert country_code(number) == code


@pytest.mark.parametrize("number", ["58", "058", "280", "711", "736"])
def test_a_number_that_was_given_up_stands_for_no_country_by_itself(number: str) -> None:
    """Belgium with Luxembourg, the old Federal Republic, the Customs Union of South Africa, Sudan
    with the South: only a row that has a year can say that they were meant."""
    assert known_code(number) is None
    assert codes_of([number])[number] is not None


def test_a_name_that_clerks_write_in_one_word() -> None:
    assert country_code("Hongkong") == "HKG"
