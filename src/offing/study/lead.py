"""How long a market's requirements keep a new model from being sold there, for one who begins now.

Schemes are met side by side, so the slowest gate counts, at the most weeks that it commonly takes.
Weeks are illustrative (see :mod:`offing.rules.requirements`). Where nobody thought the market
through for these goods it is "not checked": what is known delays the entry, the rest is unknown.
"""

from datetime import timedelta

from offing.planning.plan import Lead
from offing.rules.requirements import requirements_of
from offing.study.costs import importer_of
from offing.study.firm_file import ModelFacts
from offing.study.world import StudyInputs


def lead_of(world: StudyInputs, facts: ModelFacts, market: str) -> Lead:
    """What must come first before a model is sold in a market where it is not sold today.

    Args:
        world: the study's day and rules.
        facts: of the model.
        market: alpha-3.
    """
    on = world.study.on
    requirements = requirements_of(facts.code, importer_of(world.laws.rulebook, market), on)
    gates = sorted(requirements.gates, key=lambda gate: (-gate.weeks[1], gate.id))
    if not gates:
        return Lead(0, requirements.checked)
    slowest = gates[0]
    weeks = slowest.weeks[1]
    return Lead(
        weeks,
        requirements.checked,
        slowest.scheme["en"],
        slowest.scheme["zh"],
        slowest.status,
        len(gates) - 1,
        on + timedelta(weeks=weeks),
    )
