"""What a firm hands in to its trade office (企业填报): shown in full, saved on demand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from offing.api.asking import Answer, Asked, LawRequest, Words, parts, question
from offing.terms.countries import country_code
from offing.terms.errors import InputError, Where
from offing.terms.firm_records import FirmSize
from offing.terms.whole_file import write_text

if TYPE_CHECKING:  # the command's help must not wait for Polars
    from offing.study.share import ShareLine


NOWHERE = "none"


@dataclass(frozen=True)
class ShareRequest(LawRequest):
    """What does this firm hand in to its trade office?

    Attributes:
        support: what it asks for, in its own words, one or several.
        cover: countries in which an insurer has given it a credit limit; ``none`` for nowhere.
        recipient: whom it is for: the trade office of the province.
        to: a folder in which it is saved; without one it is shown alone.
    """

    study: Annotated[Path | str, Asked("run.help_study", kind=Path)]
    size: Annotated[FirmSize | None, Asked("firms.help_size")] = None
    support: Annotated[Sequence[str] | str, Asked("firms.help_support", kind=tuple[str, ...])] = ()
    cover: Annotated[Words, Asked("firms.help_cover", kind=str | None)] = None
    recipient: Annotated[Literal["province"], Asked("firms.help_for", name="--for")] = "province"
    to: Annotated[Path | None, Asked("firms.help_to")] = None


@dataclass(frozen=True)
class ShareAnswer(Answer):
    """A firm's answer to its trade office.

    Attributes:
        line: all of it.
        file: where it was saved; ``None`` where it was shown alone.
        no_plan: why the study has no plan; ``None`` where it has one.
    """

    line: "ShareLine"
    file: Path | None
    no_plan: str | None = None

    def data(self) -> dict[str, Any]:
        """All that is handed in, as it is written."""
        return self.line.data()


@question(ShareRequest)
def share(request: ShareRequest) -> ShareAnswer:
    """Show what a firm would hand in to its trade office: no cost, no price, no buyer.

    Sales by heading and market in rounded dollars, markets wanted, agreements not claimed, spare
    capacity, support asked for. With ``to`` it is saved as one file of that folder.

    Raises:
        InputError, MissingDataError, RuleError: as :func:`offing.plan`, but of limits that no plan
            meets: then the answer has none; ``cli.not_a_folder``.
        StorageError: ``cli.disk`` where it cannot be saved.

    Example::

        offing.share("examples/tv-maker", size="medium", support="credit insurance").line.wanted
    """
    from offing.study.analysis import analyse_products
    from offing.study.run import plan_with_record
    from offing.study.sales import aside_said, ledger_warnings
    from offing.study.share import share_line

    if request.to is not None and request.to.is_file():
        raise InputError("cli.not_a_folder", where=Where(request.to), folder=request.to)
    world = request.study_inputs(request.study)
    asked = [request.support] if isinstance(request.support, str) else request.support
    named = [] if request.cover is None else [one for one in parts(request.cover) if one != NOWHERE]
    cover = None if request.cover is None else [country_code(one) for one in named]
    products, planned, no_plan = analyse_products(world), None, None
    try:
        planned, *_ = plan_with_record(world, products, lambda _: None)
    except InputError as error:
        if error.key != "planning.limits_conflict":
            raise
        no_plan = error.found
    line = share_line(world, products, planned, request.size, asked, cover)
    missed = ledger_warnings(world, [product.sales for product in products], beside=False)
    answer = ShareAnswer(line, None, no_plan, cautions=(*aside_said(world), *missed))
    if request.to is None:
        return answer
    file = request.to / f"{line.file_name}.json"
    write_text(file, json.dumps(line.data(), ensure_ascii=False, indent=1))
    return replace(answer, file=file)
