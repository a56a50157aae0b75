"""What a world equilibrium rests on, told: for its own answer and for what it does to a firm."""

from collections.abc import Iterator

from offing.api.world_tables import code_of
from offing.policy.effects import WorldModel
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, fixed, percent, ranged


def about(solved: WorldModel, middle: str) -> Iterator[str]:
    """The elasticity and the change, whose tariffs, which coefficient, and which model cannot.

    ``middle`` is the part of the draws that intervals hold.
    """
    yield _elasticity(solved, middle)
    if solved.changed[1]:
        yield about_change(solved)
    if solved.home is not None:
        name, imports, exports = solved.home
        key = "equilibrium.home_answered" if exports else "equilibrium.home"
        rates = {"imports": percent(imports, 1), "exports": percent(exports, 1)}
        yield say(key, home=name_of(name), **rates)
    if (coefficient := solved.coefficient) is not None:
        yield say(
            "equilibrium.coefficient",
            name=coefficient.name,
            value=fixed(coefficient.value, 3),
            se=fixed(coefficient.se, 3),
        )
    for model, reason in solved.without.items():
        yield say("equilibrium.without", model=model_name(model), reason=reason)


def about_change(solved: WorldModel) -> str:
    """What the shock was taken for."""
    kind, count, low, high = solved.changed
    ends = [percent(end, 1) if kind == "tariff" else points(end) for end in (low, high)]
    size = ends[0] if ends[0] == ends[1] else ranged(*ends)
    return say(f"equilibrium.changed_{kind}", count=count, size=size)


def _elasticity(solved: WorldModel, middle: str) -> str:
    if solved.theta_se is None:
        return say("equilibrium.theta_by_sector")
    if not solved.draws:
        return say("equilibrium.theta_assumed")
    se = fixed(solved.theta_se, 2)
    return say("equilibrium.theta_drawn", draws=solved.draws, se=se, middle=middle)


def fixed_in(solved: WorldModel) -> str:
    """What the model holds, and the unit of account."""
    return say(
        f"equilibrium.fixed_{solved.model.replace('-', '_')}",
        deficits=say(f"equilibrium.deficits_{solved.deficits}"),
        rebate=say(f"equilibrium.rebate_{solved.rebate}"),
    )


def model_name(name: str) -> str:
    """A model in words."""
    return say(f"equilibrium.model_{name.replace('-', '_')}")


def name_of(label: str) -> str:
    """A country's name where its label is known, else the label."""
    code = code_of(label)
    return label if code is None else country_name(code)


def points(share: float | None) -> str:
    """A change with its sign, to two decimals of a per cent."""
    if share is None:
        return NOTHING
    text = fixed(100 * share, 2)
    return f"{'+' if share > 0 else ''}{text}%"
