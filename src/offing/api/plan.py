"""The plan of a study as an answer, without the proof behind it and without writing anything."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from offing.api.asking import (
    Answer,
    Asked,
    Caution,
    RuleFiles,
    RuleKey,
    WarehouseIn,
    opened,
    question,
    rule_paths,
)

if TYPE_CHECKING:  # the command's help must not wait for Polars
    import polars as pl

    from offing.study.plan import Planned
    from offing.study.world import World


@dataclass(frozen=True)
class PlanRequest:
    """How much should the firm of a study sell in which market?

    Attributes:
        study: a TOML file, or the folder with its ``study.toml``.
        rules: more rule files and packs; ``rules_key``: the key that packs are signed with.
        warehouse: see :data:`offing.api.asking.WarehouseIn`.
    """

    study: Annotated[Path | str, Asked("run.help_study", kind=Path)]
    rules: RuleFiles = ()
    rules_key: RuleKey = None
    warehouse: WarehouseIn = None


@dataclass(frozen=True)
class PlanAnswer(Answer):
    """An allocation of the firm's capacity to segments.

    Attributes:
        world: the study and what it rests on.
        planned: the plan with what it was made from; amounts in USD a year.
        cautions: message keys with their values.
    """

    world: "World"
    planned: "Planned"
    cautions: tuple[Caution, ...] = ()

    @property
    def table(self) -> "pl.DataFrame":
        """Its rows: ``sales_usd``, ``units``, ``margin_usd`` a year, by segment."""
        import polars as pl

        return pl.DataFrame([vars(row) for row in self.planned.plan.rows])

    def data(self) -> Any:
        """The plan."""
        return self.planned.plan


@question(PlanRequest)
def plan(request: PlanRequest) -> PlanAnswer:
    """Plan a study: how much to sell in which market, and what it earns.

    The same plan as :func:`offing.run` makes, in about two thirds of the time: no earlier year is
    forecast to see how such plans did, nothing is settled or written.

    Raises:
        InputError, MissingDataError, RuleError: what the study asks for is not there or cannot be.

    Example::

        answer = offing.plan("examples/tv-maker/study.toml")
        answer.table.select("market", "sales_usd", "margin_usd")
    """
    from offing.study.run import cautions_of, plan_of, study_products
    from offing.study.world import read_world

    rules, key = rule_paths(request.rules, request.rules_key)
    world = read_world(Path(request.study), opened(request.warehouse), rules, key)
    products = study_products(world)
    planned = plan_of(world, products)
    return PlanAnswer(world, planned, (*cautions_of(world, products), *planned.warnings))
