"""A study under today's rules and under a reform or a shock, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from offing.api.asking import Asked, LawRequest, Words, parts, question
from offing.api.run import RunAnswer
from offing.api.world_scenario import OF_WORLD, WorldRequest, odd_elasticities, typed_options
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.messages import join_list, say

if TYPE_CHECKING:
    from offing.policy.comparison import Comparison
    from offing.policy.shock_file import Shock
    from offing.rules.reform import Reform
    from offing.study.demand_response import AssumedResponse
    from offing.study.file import Study
    from offing.study.inputs import StudyInputs
    from offing.study.plan import StudyPlan
    from offing.study.result import StudyResult
    from offing.study.scenario import Scenario

Effect = Literal["partial", "general", "none"]


@dataclass(frozen=True)
class WhatifRequest(WorldRequest, LawRequest):
    """What would a reform, a shock or a trade war change in the plan of a study?

    Attributes:
        effect: what moves demand: ``partial`` (SMART and GSIM on the reform's duties),
            ``general`` (a world equilibrium of ``trade`` under ``shock``) or ``none``. A reform
            with an ``elasticity`` of its own moves demand by that.
        elasticity: of substitution between origins, for every product; its heading's of CEPII's
            ProTEE where ``None``. ``elasticity_se`` is its standard error.
        trade: for ``general``, like all that :func:`offing.equilibrium` is asked with.
        out: folder for the page, the result and the manifest; ``None`` writes none.
    """

    study: Annotated[Path | str, Asked("run.help_study", name="STUDY")]
    reform: Annotated[Path | str | None, Asked("policy.help_reform", word=True)] = None
    stress: Annotated[Words, Asked("policy.help_stress", kind=str | None)] = None
    reverse: Annotated[bool, Asked("policy.help_reverse")] = False
    effect: Annotated[Effect, Asked("policy.help_effect")] = "partial"
    elasticity: Annotated[float | None, Asked("policy.help_elasticity")] = None
    elasticity_se: Annotated[float, Asked("policy.help_elasticity_se")] = 0.0
    demand: Annotated[float, Asked("policy.help_demand")] = -1.0
    supply: Annotated[float, Asked("policy.help_supply")] = 1.5
    sector: Annotated[str | None, Asked("policy.help_sector")] = None
    draws: Annotated[int, Asked("equilibrium.help_draws")] = field(default=200, kw_only=True)
    explain: Annotated[bool, Asked("policy.help_explain")] = False
    out: Annotated[Path | str | None, Asked("policy.help_out")] = None


OF_PARTIAL = ("elasticity", "elasticity_se", "demand", "supply")
OF_GENERAL = (*OF_WORLD, "sector")


@dataclass(frozen=True)
class WhatifAnswer(RunAnswer):
    """A study's result, whose ``what_if`` has the figures before and after.

    Attributes:
        reform: its file; ``None`` where the study brings it.
    """

    reform: Path | None = None

    @property
    def doubts(self) -> tuple[Caution, ...]:
        """What is to be said of the question, beside the warnings of the study."""
        return tuple(one for one in self.cautions if one not in self.result.warnings)

    @property
    def compared(self) -> bool:
        """It is."""
        return True

    @property
    def also_read(self) -> tuple[Path, ...]:
        """The reform's file."""
        return () if self.reform is None else (self.reform,)

    def data(self) -> Any:
        """The comparison; all the rest is in ``result.json``."""
        return self.result.what_if


@question(WhatifRequest)
def whatif(request: WhatifRequest) -> WhatifAnswer:
    """Run a study as it is and under a reform, a shock or a change of world trade, side by side.

    Raises:
        InputError: ``policy.no_reform``, and as :func:`offing.run`.
        MissingDataError, RuleError: as :func:`offing.run`.

    Example::

        answer = offing.whatif("examples/tv-maker/study.toml", "examples/tv-maker/reform.toml")
        answer.result.what_if.after.margin
    """
    from offing.policy.overlay import doubtful
    from offing.study.sales import rows_aside
    from offing.study.scenario import what_if

    _must_be_files(request.reform, request.shock)
    _check_options(request)
    world = request.study_inputs(request.study)
    file = None if request.reform is None else Path(request.reform)
    assumed = _assumptions(request)
    reforms: list[Reform] = []
    more: dict[str, Any] = {}
    if request.stress is not None:
        planned, result = _stress_result(world, request, assumed)
    else:
        scenario = _scenario(world, file, request, assumed)
        reforms, more = [scenario.reform], {"reform": file}
        planned, result = what_if(world, scenario)
    odd = () if request.effect == "general" else odd_elasticities(request)
    odd = (*odd, *_own_elasticities(world.study, request))
    answer = WhatifAnswer(
        world, result, planned, request.explain, **more,
        cautions=(*result.warnings, *doubtful(reforms), *odd), put_aside=rows_aside(world),
    )  # fmt: skip
    if request.out is not None:
        answer.write(Path(request.out))
    return answer


def _own_elasticities(study: "Study", request: WhatifRequest) -> Iterator[Caution]:
    """Models whose own elasticity is not the one that moves demand here."""
    own = [model.key for model in study.model if model.elasticity is not None]
    if own and request.elasticity is None and request.effect == "partial":
        yield Caution("policy.own_elasticity", {"models": join_list(own)})


def _check_options(request: WhatifRequest) -> None:
    """Refuse options that what was asked for would not read.

    Raises:
        InputError: ``policy.reform_and_stress``, ``policy.reverse_alone``, ``policy.not_read``.
    """
    stressed = request.stress is not None
    if stressed and request.reform is not None:
        raise InputError("policy.reform_and_stress")
    if request.reverse and not stressed:
        raise InputError("policy.reverse_alone")
    unread = typed_options(request, OF_PARTIAL if request.effect == "general" else OF_GENERAL)
    if stressed and request.effect == "general":
        unread = ["--effect general"]
    if unread:
        key = "policy.not_read" if stressed or request.effect == "general" else "policy.of_general"
        raise InputError(key, options=join_list(unread))


def _must_be_files(*places: object) -> None:
    """Refuse the name of a shock where a file is expected.

    Raises:
        InputError: ``policy.is_a_shock``.
    """
    from offing.policy.shock_file import shocks

    for place in places:
        if isinstance(place, Path | str) and str(place) in shocks() and not Path(place).exists():
            raise InputError("policy.is_a_shock", name=place)


def _scenario(
    world: "StudyInputs", file: Path | None, request: WhatifRequest, assumed: "AssumedResponse"
) -> "Scenario":
    """The reform, with what moves demand."""
    from offing.rules.reform import Reform, read_reform
    from offing.study.scenario import Scenario, reform_scenario

    reform: Reform | None = world.reform if file is None else read_reform(file)
    if request.effect != "general":
        if reform is None:
            raise InputError("policy.no_reform")
        if request.elasticity is not None:  # said now, it goes before the file's own
            reform = replace(reform, elasticity=None)
        return reform_scenario(reform, assumed if request.effect == "partial" else None)
    from offing.api.world_scenario import world_draws
    from offing.study.demand_response import general_effects

    if request.trade is None or request.shock is None:
        raise InputError("policy.no_world")
    home = world.study.firm.origin
    abroad = dict.fromkeys(p.country for p in world.study.plant if p.country != home)
    moved = world_draws(request, request.sector, home, tuple(abroad))
    reform = reform or Reform(say("policy.general"))
    return Scenario(reform, work=lambda before, laws, after: general_effects(before, moved))


def _stress_result(
    world: "StudyInputs", request: WhatifRequest, assumed: "AssumedResponse"
) -> "tuple[StudyPlan, StudyResult]":
    from offing.policy.shock_file import named_shocks
    from offing.study.scenario import what_if
    from offing.study.stress import shock_scenario, stress_comparison

    shocks: tuple[Shock, ...] = named_shocks(parts(request.stress))
    if not shocks:
        raise InputError("policy.no_stress")

    def more(before: "StudyPlan", comparison: "Comparison") -> "Comparison":
        return stress_comparison(before, comparison, shocks, assumed, reverse=request.reverse)

    return what_if(world, shock_scenario(world, shocks, assumed), more)


def _assumptions(request: WhatifRequest) -> "AssumedResponse":
    from offing.sources.elasticities import own_substitution
    from offing.study.demand_response import AssumedResponse

    own = None
    if request.elasticity is not None:
        own = own_substitution("", request.elasticity, request.elasticity_se)
    elif request.elasticity_se:
        raise InputError("policy.bad_elasticity", value="—", se=request.elasticity_se)
    moves = request.effect != "none"
    assumed = AssumedResponse(
        own, request.demand, request.supply, request.draws, request.seed, moves
    )
    assumed.check()
    return assumed
