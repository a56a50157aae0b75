"""Sentences of reports that name many things."""

from dataclasses import replace
from datetime import date

import pytest

from offing.report.words import alike, caution_text, rule
from offing.rules.citing import valued
from offing.rules.rule_use import RuleUse
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


def test_rules_that_say_the_same_share_a_line() -> None:
    """A hundred lines of one announcement had filled five screens."""
    first = RuleUse("chn.refund.2404120000", "0", date(2026, 4, 1), None, "No. 2", "secondary")
    same = replace(first, id="chn.refund.25041091")
    later = replace(first, id="chn.refund.28269020", since=date(2027, 1, 1))
    with speaking("en"):
        said = [named for named, _ in alike([first, later, same])]
    assert said == ["chn.refund.2404120000, 25041091", "chn.refund.28269020"]


def test_a_base_has_a_name() -> None:
    with speaking("zh"):
        duty = RuleUse("usa.duty", "customs_value", None, None, "", "official", "sum")
        assert valued(duty) == "完税价格"
        assert rule(duty).startswith("usa.duty：以完税价格为税基；")
    vat = RuleUse("eur.vat", "customs_value + duties", None, None, "", "official", "sum")
    assert rule(vat).startswith("eur.vat: on customs value + duties; ")
    value = RuleUse("usa.customs_value", "goods", None, None, "", "official", "sum")
    assert rule(value).startswith("usa.customs_value = goods; "), "that is what it is"


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
