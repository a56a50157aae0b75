"""Numbers of countries as UN Comtrade and BACI write them, where ISO 3166 has others."""

import pytest

from offing.terms.countries import country_code


@pytest.mark.parametrize(
    ("number", "code"),
    [("58", "BEL"), ("56", "BEL"), ("251", "FRA"), ("250", "FRA"), ("280", "DEU"), ("276", "DEU"),
     ("381", "ITA"), ("380", "ITA"), ("579", "NOR"), ("578", "NOR"), ("699", "IND"),
     ("356", "IND"), ("711", "ZAF"), ("710", "ZAF"), ("736", "SDN"), ("757", "CHE"),
     ("756", "CHE"), ("842", "USA"), ("840", "USA"), ("490", "S19")],
)  # fmt: skip
def test_numbers_of_both(number: str, code: str) -> None:
    """Belgium with Luxembourg, France with Monaco, the Federal Republic before 1990, Italy before
    Ruanda, Norway with Svalbard, India before 1975, the Customs Union of South Africa, Sudan before
    2011, Switzerland with Liechtenstein, the United States with Puerto Rico.
    """
    assert country_code(number) == code


def test_a_name_that_clerks_write_in_one_word() -> None:
    assert country_code("Hongkong") == "HKG"
