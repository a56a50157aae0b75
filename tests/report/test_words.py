"""Sentences of reports that name many things."""

import pytest

from offing.report.words import warning
from offing.terms.messages import Language, speaking

CODES = ["AGO", "ALB", "ARE", "ARG", "AUT", "BEL", "BEN", "BGR", "BHR", "BOL", "BRA", "CAN", "CHL"]


@pytest.mark.parametrize(
    ("lang", "end"), [("en", "Bulgaria and 5 others"), ("zh", "及另外 5 个市场")]
)
def test_of_many_countries_a_sentence_names_the_first(lang: Language, end: str) -> None:
    with speaking(lang):
        said = warning("study.warn_no_quote", {"markets": ", ".join(CODES)})
        all_named = warning("study.warn_no_quote", {"markets": ", ".join(CODES[:12])})
    assert end in said
    assert len(said) < len(all_named) + 40
    assert "others" not in all_named
    assert "另外" not in all_named
