"""A study under today's rules and under a reform, side by side."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from offing.api.asking import Asked, RuleFiles, RuleKey, WarehouseIn, opened, question, rule_paths
from offing.api.run import RunAnswer
from offing.terms.errors import InputError

if TYPE_CHECKING:
    from offing.study.effects import Assumed

Effect = Literal["partial", "none"]


@dataclass(frozen=True)
class WhatifRequest:
    """What would a reform change in the plan of a study?

    Attributes:
        study: a TOML file, or the folder with its ``study.toml``.
        reform: a TOML file; the study's own ``[reform]`` where ``None``.
        effect: what moves demand: ``partial`` (SMART and GSIM on the reform's duties) or ``none``.
            A reform with an ``elasticity`` of its own moves demand by that.
        elasticity: of substitution between origins, for every product; its heading's of CEPII's
            ProTEE where ``None``. ``elasticity_se`` is its standard error.
        demand: elasticity of all imports of a product to their price, negative.
        supply: of an origin's exports to their price, in GSIM.
        draws: of the elasticity, for intervals; ``seed`` of the draws.
        out: folder for the page, the result and the manifest; ``None`` writes none.
        rules: more rule files and packs; ``rules_key``: the key that packs are signed with.
        warehouse: see :data:`offing.api.asking.WarehouseIn`.
    """

    study: Annotated[Path | str, Asked("policy.help_study", name="STUDY", kind=Path)]
    reform: Annotated[
        Path | str | None, Asked("policy.help_reform", kind=Path | None, word=True)
    ] = None
    effect: Annotated[Effect, Asked("policy.help_effect")] = "partial"
    elasticity: Annotated[float | None, Asked("policy.help_elasticity")] = None
    elasticity_se: Annotated[float, Asked("policy.help_elasticity_se")] = 0.0
    demand: Annotated[float, Asked("policy.help_demand")] = -1.0
    supply: Annotated[float, Asked("policy.help_supply")] = 1.5
    draws: Annotated[int, Asked("policy.help_draws")] = 200
    seed: Annotated[int, Asked("equilibrium.help_seed")] = 1
    out: Annotated[Path | str | None, Asked("policy.help_out", kind=Path | None)] = None
    rules: RuleFiles = ()
    rules_key: RuleKey = None
    warehouse: WarehouseIn = None


@dataclass(frozen=True)
class WhatifAnswer(RunAnswer):
    """A study's result, whose ``what_if`` has the figures before and after.

    Attributes:
        reform: its file; ``None`` where the study brings it.
    """

    reform: Path | None = None

    def data(self) -> Any:
        """The comparison; all the rest is in ``result.json``."""
        return self.result.what_if


@question(WhatifRequest)
def whatif(request: WhatifRequest) -> WhatifAnswer:
    """Run a study under today's rules and under a reform, and show both side by side.

    Raises:
        InputError: ``policy.no_reform``, and as :func:`offing.run`.
        MissingDataError, RuleError: as :func:`offing.run`.

    Example::

        answer = offing.whatif("examples/tv-maker/study.toml", "examples/tv-maker/reform.toml")
        answer.result.what_if.after.margin
    """
    from offing.rules.reform import read_reform
    from offing.study.whatif import own_reform, what_if
    from offing.study.world import read_world

    rules, key = rule_paths(request.rules, request.rules_key)
    world = read_world(Path(request.study), opened(request.warehouse), rules, key)
    file = None if request.reform is None else Path(request.reform)
    reform = own_reform(world) if file is None else read_reform(file)
    if reform is None:
        raise InputError("policy.no_reform")
    assumed = _assumed(request) if request.effect == "partial" else None
    answer = WhatifAnswer(what_if(world, reform, assumed=assumed), file)
    if request.out is not None:
        answer.write(Path(request.out))
    return answer


def _assumed(request: WhatifRequest) -> "Assumed":
    from offing.sources.elasticities import own_substitution
    from offing.study.effects import Assumed

    own = None
    if request.elasticity is not None:
        own = own_substitution("", request.elasticity, request.elasticity_se)
    elif request.elasticity_se:
        raise InputError("policy.bad_elasticity", value="—", se=request.elasticity_se)
    assumed = Assumed(own, request.demand, request.supply, request.draws, request.seed)
    assumed.check()
    return assumed
