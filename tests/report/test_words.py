"""Sentences of reports that name many things."""

import pytest

from offing.report.words import caution_text
from offing.terms.caution import Caution, countries
from offing.terms.messages import Language, speaking

CODES = ["AGO", "ALB", "ARE", "ARG", "AUT", "BEL", "BEN", "BGR", "BHR", "BOL", "BRA", "CAN", "CHL"]


@pytest.mark.parametrize(
    ("lang", "end"), [("en", "Bulgaria and 5 others"), ("zh", "及另外 5 个市场")]
)
def test_of_many_countries_a_sentence_names_the_first(lang: Language, end: str) -> None:
    with speaking(lang):
        said = caution_text(Caution("study.warn_no_quote", {"markets": countries(CODES)}))
        all_named = caution_text(Caution("study.warn_no_quote", {"markets": countries(CODES[:12])}))
    assert end in said
    assert len(said) < len(all_named) + 40
    assert "others" not in all_named
    assert "另外" not in all_named


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("study.warn_at_cap", "The United States and Germany"),
        ("study.warn_no_quote", "No landed cost for the United States and Germany"),
    ],
)
def test_a_country_has_its_article_inside_a_sentence_and_a_capital_at_its_head(
    key: str, said: str
) -> None:
    with speaking("en"):
        assert said in caution_text(
            Caution(key, {"markets": countries(["USA", "DEU"]), "cap": "25%"})
        )
