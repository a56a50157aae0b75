"""What a reader is told of a model's markets."""

from types import SimpleNamespace
from typing import cast

from offing.study.analysis import ProductAnalysis, unlanded_cautions
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


def lacking(key: str, **reasons: str | None) -> ProductAnalysis:
    """A model with the reason why it has no landed cost, by market; none where it has one."""
    by_market = {
        market: SimpleNamespace(
            cost=SimpleNamespace(quote=None if why else object(), missing=why and f"study.{why}")
        )
        for market, why in reasons.items()
    }
    facts = SimpleNamespace(code="852872", national_codes={"USA": "85287299"})
    imports = SimpleNamespace(facts=facts)
    return cast(ProductAnalysis, SimpleNamespace(key=key, standings=by_market, imports=imports))


def test_a_national_code_that_the_tariff_lacks_is_named() -> None:
    of = {"models": ("TV",), "markets": ("USA",)}
    assert list(unlanded_cautions([lacking("TV", DEU=None, USA="code_not_in_tariff")])) == [
        Caution("study.warn_code_not_in_tariff", {"code": "85287299", **of})
    ]


def test_markets_without_a_landed_cost_are_told_by_their_reason_and_model() -> None:
    """Germany costs the jacket; the trousers have several lines there. Japan has no duty at all."""
    jacket = lacking("JK", DEU=None, JPN="no_tariff_line", RUS="no_rate", CAN="no_regime")
    trousers = lacking("TR", DEU="several_tariff_lines", JPN="no_rule", RUS="no_rate", CAN=None)
    assert list(unlanded_cautions([jacket, trousers])) == [
        Caution("study.warn_no_quote", {"markets": ("JPN",)}),
        Caution("study.warn_no_quote_of", {"markets": ("CAN",), "models": ("JK",)}),
        Caution("study.warn_no_rate", {"markets": ("RUS",)}),
        Caution("study.warn_which_line_of", {"markets": ("DEU",), "models": ("TR",)}),
    ]
    assert list(unlanded_cautions([trousers])) == [
        Caution("study.warn_no_quote", {"markets": ("JPN",)}),
        Caution("study.warn_no_rate", {"markets": ("RUS",)}),
        Caution("study.warn_which_line", {"markets": ("DEU",)}),
    ]
