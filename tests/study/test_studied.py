"""What a reader is told of a model's markets."""

from types import SimpleNamespace
from typing import cast

from offing.study.analysis import ProductAnalysis
from offing.study.inputs import StudyInputs
from offing.terms.caution import Caution


def told(given: list[str], charged: dict[str, list[str]]) -> list[object]:
    """What is said of duties given in a study, and the rules that each quote rests on."""
    quotes = {
        market: SimpleNamespace(
            cost=SimpleNamespace(
                quote=SimpleNamespace(rules=[SimpleNamespace(id=one) for one in rules])
            )
        )
        for market, rules in charged.items()
    }
    without = SimpleNamespace(cost=SimpleNamespace(quote=None))
    standings = {**quotes, "BRA": without}
    one = SimpleNamespace(standings=standings)
    world = SimpleNamespace(study=SimpleNamespace(duty=dict.fromkeys(given)))
    return list(
        ProductAnalysis._unused_duties(cast(ProductAnalysis, one), cast(StudyInputs, world))
    )


def test_a_duty_of_the_study_that_no_quote_took_is_said() -> None:
    """DEU has a rule of its own, FRA takes the study's; USA gave none and BRA has no quote."""
    charged = {
        "DEU": ["eur.mfn.1", "eur.vat"],
        "FRA": ["user.mfn.fra", "eur.vat"],
        "USA": ["usa.mfn"],
    }
    said = Caution("study.warn_duty_unused", {"markets": ("DEU",)})
    assert told(["DEU", "FRA", "BRA"], charged) == [said]
    assert told(["FRA", "BRA"], charged) == []
