"""What a world equilibrium rests on, told: for its own answer and for what it does to a firm."""

from collections.abc import Iterator

from offing.api.equilibrium import EquilibriumAnswer
from offing.api.world_tables import code_of
from offing.policy.effects import WorldModel
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, fixed, percent, ranged

Made = WorldModel | EquilibriumAnswer


def about(made: Made) -> Iterator[str]:
    """The elasticity and the change, whose tariffs, which coefficient, and which model cannot."""
    yield _elasticity(made)
    if made.changed[1]:
        yield about_change(made)
    if made.home is not None:
        name, imports, exports = made.home
        key = "equilibrium.home_answered" if exports else "equilibrium.home"
        rates = {"imports": percent(imports, 1), "exports": percent(exports, 1)}
        yield say(key, home=name_of(name), **rates)
    if (one := made.coefficient) is not None:
        yield say(
            "equilibrium.coefficient", name=one.name, value=fixed(one.value, 3), se=fixed(one.se, 3)
        )
    for model, reason in made.without.items():
        yield say("equilibrium.without", model=model_name(model), reason=reason)


def about_change(made: Made) -> str:
    """What the shock was taken for."""
    kind, count, low, high = made.changed
    ends = [percent(end, 1) if kind == "tariff" else points(end) for end in (low, high)]
    size = ends[0] if ends[0] == ends[1] else ranged(*ends)
    return say(f"equilibrium.changed_{kind}", count=count, size=size)


def _elasticity(made: Made) -> str:
    if made.theta_se is None:
        return say("equilibrium.theta_by_sector")
    if not made.draws:
        return say("equilibrium.theta_assumed")
    middle = "90%" if isinstance(made, EquilibriumAnswer) else "80%"
    se = fixed(made.theta_se, 2)
    return say("equilibrium.theta_drawn", draws=made.draws, se=se, middle=middle)


def fixed_in(made: Made) -> str:
    """What the model holds, and the unit of account."""
    return say(
        f"equilibrium.fixed_{made.model.replace('-', '_')}",
        deficits=say(f"equilibrium.deficits_{made.deficits}"),
        rebate=say(f"equilibrium.rebate_{made.rebate}"),
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
