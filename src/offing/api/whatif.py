"""A study under today's rules and under a reform, side by side."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from offing.api.asking import Asked, RuleFiles, RuleKey, WarehouseIn, opened, question, rule_paths
from offing.api.run import RunAnswer
from offing.terms.errors import InputError


@dataclass(frozen=True)
class WhatifRequest:
    """What would a reform change in the plan of a study?

    Attributes:
        study: a TOML file, or the folder with its ``study.toml``.
        reform: a TOML file; the study's own ``[reform]`` where ``None``.
        out: folder for the page, the result and the manifest; ``None`` writes none.
        rules: more rule files and packs; ``rules_key``: the key that packs are signed with.
        warehouse: see :data:`offing.api.asking.WarehouseIn`.
    """

    study: Annotated[Path | str, Asked("policy.help_study", kind=Path)]
    reform: Annotated[
        Path | str | None, Asked("policy.help_reform", kind=Path | None, word=True)
    ] = None
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
    answer = WhatifAnswer(what_if(world, reform), file)
    if request.out is not None:
        answer.write(Path(request.out))
    return answer
