"""Does a claim hold on the loaded data, or on months and changes of a user's own?"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from statistics import median
from typing import Annotated, Any, Literal

import polars as pl

from offing.api.asking import Answer, Asked, TableIn, TradeRequest, Words, parts, question
from offing.ladders.tiers import USUAL_METHOD, method_name
from offing.policy.evidence.programme import (
    ProgrammeEvidence,
    ProgrammeFirm,
    levels_apart,
    programme_effect,
)
from offing.policy.evidence.refund import RefundChange, Refunds, changes_of, refunds, touches
from offing.policy.evidence.resilience import Resilience, resilience
from offing.settlement.defaults import Settlement, settlement
from offing.sources.layout import layout_of
from offing.sources.ledger_cells import last_day
from offing.sources.own_table import column_of, first_row, numbers, own_table
from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError, OffingError, Where
from offing.terms.hs import product_code
from offing.terms.messages import join_list, say
from offing.terms.plain import values_of
from offing.terms.text import Unit
from offing.warehouse import Warehouse

Claim = Literal["resilience", "refund", "settlement", "programme"]


@dataclass(frozen=True)
class EvidenceRequest(TradeRequest):
    """Are higher price tiers more resilient? Do refunds add exports? Does the currency of settling?

    Attributes:
        product: HS codes or names, several in a sequence or with commas; all where ``None``.
        unit: ``item`` or ``kg``, for ``resilience``; chosen for each product and market where
            ``None``.
        method: of the tiers, one of ``offing.ladders.tiers.METHODS``.
    """

    claim: Annotated[Claim, Asked("evidence.help_claim")]
    product: Annotated[Words, Asked("evidence.help_product", kind=str | None)] = None
    unit: Annotated[Unit | None, Asked("ladder.help_unit")] = None
    method: Annotated[str, Asked("ladder.help_method")] = USUAL_METHOD
    months: Annotated[TableIn, Asked("evidence.help_months")] = None
    changes: Annotated[TableIn, Asked("evidence.help_changes")] = None
    on: Annotated[date | None, Asked("evidence.help_on")] = None
    seed: Annotated[int, Asked("equilibrium.help_seed")] = 1


@dataclass(frozen=True)
class EvidenceAnswer(Answer):
    """What the data say of the claim.

    Attributes:
        claim: that was checked.
        dataset: the trade data set; empty where none was used.
        products: HS codes; empty for all.
        result: of the claim's own kind.
    """

    claim: Claim
    dataset: str
    products: tuple[str, ...]
    result: Resilience | Refunds | Settlement | ProgrammeEvidence

    @property
    def table(self) -> Any:
        """Of ``resilience`` one row a comparison of a year; of ``refund`` one a change; of
        ``settlement`` one a currency; of ``programme`` its effect and the placebo.
        """
        result = self.result
        if isinstance(result, ProgrammeEvidence):
            both = (("effect", result.effect), ("placebo", result.placebo))
            told = [{"what": what} | asdict(one) for what, one in both if one is not None]
            return self.as_given(pl.DataFrame(told))
        if isinstance(result, Refunds):
            return self.as_given(pl.DataFrame([asdict(covered) for covered in result.coverage]))
        if isinstance(result, Settlement):
            costs = [(c.currency, float(c.spread), float(c.lost)) for c in result.costs]
            columns = ["currency", "spread", "lost"]
            return self.as_given(pl.DataFrame(costs, columns, orient="row"))
        compared = [
            {
                "year": shock.event.year,
                **values_of(comparison, "measure", "weighting", "without_controls"),
                **asdict(comparison.high),
                "flows": comparison.flows,
            }
            for shock in (*result.shocks, *result.quiet)
            for comparison in shock.comparisons
        ]
        return self.as_given(pl.DataFrame(compared, infer_schema_length=None))


@question(EvidenceRequest)
def evidence(request: EvidenceRequest) -> EvidenceAnswer:
    """A claim, checked on the loaded data.

    Of ``programme`` the months are a table of firms: ``firm``, ``month``, ``exports``, ``joined``
    (the month from which it counts), and of a lottery ``won`` and ``class``.

    Raises:
        InputError: ``landed.bad_choice``, ``errors.unknown_name``, ``evidence.no_programme``,
            ``evidence.bad_programme``.
        MissingDataError: ``evidence.no_shock``, ``evidence.too_few``, ``evidence.few_firms``,
            ``evidence.few_months``.

    >>> evidence("resilience").result.compared
    4
    """
    claim = request.claim
    if claim == "programme":
        return _programme_answer(_programme(request.months))
    options = {"--months": request.months, "--changes": request.changes}
    if claim != "refund" and (unread := [name for name, at in options.items() if at is not None]):
        raise InputError("evidence.of_refund", options=join_list(unread))
    if claim == "settlement":
        from offing.settlement.defaults import shipped

        on = request.on or date.today()  # noqa: DTZ011 - the user's own day
        return EvidenceAnswer(claim, "", (), settlement(shipped(), on))
    products = tuple(map(product_code, parts(request.product or ())))
    changes, noted = read_changes(request.changes)
    if claim == "refund" and request.months is not None:
        panel = read_months(request.months, products)
        tested = refund_test(panel, changes, request.seed, monthly=True)
        told = (*noted, *outside(changes, panel))
        return EvidenceAnswer(claim, "", products, tested, cautions=told)
    warehouse, dataset, cautions = request.trade(products[0] if products else "")
    flows = _flows(warehouse, dataset, products)
    if claim == "refund":
        panel = flows.rename({"year": "period"})
        outcome = refund_test(panel, changes, request.seed, monthly=False)
        return EvidenceAnswer(claim, dataset, products, outcome, cautions=(*cautions, *noted))
    compared = resilience(flows, unit=request.unit, method=method_name(request.method))
    return EvidenceAnswer(claim, dataset, products, compared, cautions=cautions)


YES, NO = ("1", "true", "yes", "y", "是", "中签"), ("0", "false", "no", "n", "否", "未中签")
"""How a draw is written."""


def _programme(source: TableIn) -> dict[str, ProgrammeFirm]:
    """The firms of a programme's table. What a firm says once it says in every row.

    Raises:
        InputError: ``evidence.no_programme`` without a table, ``evidence.bad_programme`` where a
            month, an amount or a draw cannot be read, a month stands twice, or a firm says two.
    """
    if source is None:
        raise InputError("evidence.no_programme")
    table, path = own_table(source)
    found = layout_of("programme").columns(table.columns, Where(path))
    theirs = {name: table.columns[column.at] for name, column in found.items()}
    for name in ("firm", "month", "exports", "joined"):
        if name not in theirs:
            column_of(table, path, name)
    table = table.rename(dict(zip(theirs.values(), theirs, strict=True)))
    texts = [_text(table, name) for name in ("firm", "month", "joined", "won", "class")]
    exports: dict[str, dict[int, float]] = {}
    said: dict[str, tuple[int | None, bool | None, str]] = {}
    columns = table.select("row", numbers(table, path, "exports"), *texts)
    for row, usd, firm, month, joined, won, group in columns.iter_rows():
        at, start = _month_number(month), _month_number(joined)
        drawn = won.strip().casefold() if won else None
        told = (start, None if drawn is None else drawn in YES, group or "")
        wrong = {
            "bad_firm": not firm,
            "bad_month_of": at is None,
            "month_twice": at in exports.get(firm, ()),
            "bad_exports": usd is None or not usd >= 0,
            "bad_joined": bool(joined) and start is None,
            "bad_won": drawn not in (None, *YES, *NO),
            "bad_class": said.setdefault(firm, told) != told,
        }
        if bad := next((why for why, is_wrong in wrong.items() if is_wrong), None):
            name = "month" if "month" in bad else bad.removeprefix("bad_")
            where = Where(path, row, theirs.get(name, name))
            raise InputError("evidence.bad_programme", where=where, why=say(f"evidence.{bad}"))
        assert at is not None
        exports.setdefault(firm, {})[at] = usd
    if not exports:
        raise InputError("evidence.no_programme", where=Where(path))
    return {name: ProgrammeFirm(of, *said[name]) for name, of in exports.items()}


def _programme_answer(firms: dict[str, ProgrammeFirm]) -> EvidenceAnswer:
    apart = [join_list(names, 3) for names in levels_apart(firms)]
    doubts = [Caution("evidence.two_units", {"low": apart[0], "high": apart[1]})] if apart else []
    try:
        found = programme_effect(firms)
    except MissingDataError as error:
        if apart:
            raise InputError("evidence.two_units", low=apart[0], high=apart[1]) from error
        raise
    gaps = asdict(found.gaps)
    if gaps.pop("apart") or found.gaps.treated:
        doubts.append(Caution("evidence.gaps", gaps))
    return EvidenceAnswer("programme", "", (), found, cautions=tuple(doubts))


def _text(table: pl.DataFrame, name: str) -> pl.Expr:
    """A column as text, a day as its month; nothing where the table has none."""
    if name not in table.columns:
        return pl.lit(None, pl.String).alias(name)
    dated = table.schema[name] in (pl.Date, pl.Datetime)
    return pl.col(name).dt.strftime("%Y-%m") if dated else pl.col(name).cast(pl.String)


def _month_number(text: str | None) -> int | None:
    """Months since year 0 of ``2024-03`` or ``2024年3月``; ``None`` of anything else."""
    found = last_day(text) if text else None
    return None if found is None or found[1] != "month" else 12 * found[0].year + found[0].month - 1


def _flows(warehouse: Warehouse, dataset: str, products: Sequence[str]) -> pl.DataFrame:
    """The flows of some products, each once, or of all."""
    if not products:
        return warehouse.table("flows", dataset)
    every = [warehouse.flows(code, dataset=dataset) for code in products]
    return pl.concat(every).unique(maintain_order=True)


ORIGIN = "CHN"
"""Whose refund the dated rates are of."""
PER_CENT = 1.0
"""Rates from it on are in per cent: no refund is as much as the goods."""
HIGHEST = 0.17
"""The highest levy there has been, and so the highest refund."""


def refund_test(
    panel: pl.DataFrame, changes: Sequence[RefundChange], seed: int, *, monthly: bool
) -> Refunds:
    """The test on a panel, its benchmark the elasticity of the products that changes touch."""
    from offing.refunds.rules import dated_rates

    own = {(change.code, change.on): change for change in changes_of(dated_rates())}
    every = [*(own | {(change.code, change.on): change for change in changes}).values()]
    every.sort(key=lambda change: (change.on, change.code))
    products = panel["product"].unique().to_list()
    touched = [p for p in products if any(touches(p, change.code) for change in every)]
    sigmas = [sigma for p in touched or products if (sigma := _elasticity(p)) is not None]
    benchmark = float(median(sigmas)) if sigmas else 0.0
    return refunds(panel, ORIGIN, every, monthly=monthly, benchmark=benchmark, seed=seed)


def _elasticity(product: str) -> float | None:
    """Of substitution; ``None`` for a code of no chapter that has one."""
    from offing.sources.elasticities import substitution_of

    try:
        return substitution_of(product).median
    except OffingError:
        return None


def read_changes(source: TableIn) -> tuple[tuple[RefundChange, ...], tuple[Caution, ...]]:
    """Changes of the refund of a user's own: ``code``, ``from_date`` and the old and the new rate.

    Raises:
        InputError: ``evidence.no_changes``, a column that is missing, ``cli.bad_day``, a rate above
            any levy, or two changes of a code on one day.
    """
    if source is None:
        return (), ()
    table, path = own_table(source)
    for name in ("code", "from_date", "old_rate", "new_rate"):
        column_of(table, path, name)
    codes = pl.col("code").cast(pl.String).str.replace_all(r"[.\s]", "")
    shares = map(_shares, ("old_rate", "new_rate"))
    whole = table.select("row", codes.alias("code"), "from_date", *shares)
    usable = whole.filter(
        pl.col("code").str.contains(r"^(\d\d){2,5}$")
        & pl.all_horizontal(pl.col("old_rate", "new_rate").is_not_null())
    )
    changes: dict[tuple[str, date], RefundChange] = {}
    for row, code, text, old, new in usable.iter_rows():
        day = _day(text, Where(path, row, "from_date"))
        if max(old, new) > HIGHEST:
            raise InputError("evidence.bad_rate", where=Where(path, row), rate=f"{max(old, new):g}")
        change = RefundChange(code, day, round(100 * (new - old), 6), "user")
        if changes.setdefault((code, day), change) != change:
            raise InputError("evidence.two_changes", where=Where(path, row), code=code, day=day)
    kept = tuple(change for change in changes.values() if change.points)
    if not kept:
        raise InputError("evidence.no_changes", where=Where(path))
    dropped = whole.height - usable.height
    return kept, (Caution("evidence.changes_left_out", {"count": dropped}),) if dropped else ()


def outside(changes: Sequence[RefundChange], panel: pl.DataFrame) -> tuple[Caution, ...]:
    """Changes of a user's own before or after all months: they tell nothing."""
    low, high = pl.col("period").min().alias("low"), pl.col("period").max().alias("high")
    first, last = panel.select(low, high).row(0)
    far = [c for c in changes if not first <= 12 * c.on.year + c.on.month - 1 <= last]
    if not far:
        return ()
    named = join_list(f"{change.code} {change.on}" for change in far[:5])
    return (Caution("evidence.changes_outside", {"count": len(far), "changes": named}),)


def _shares(name: str) -> pl.Expr:
    """Rates as shares, written as 13, 13% or 0.13; what is no number is a rule and no rate."""
    text = pl.col(name).cast(pl.String).str.strip_chars()
    number = text.str.extract(r"^(\d+(?:\.\d+)?)\s*[%％]?$", 1).cast(pl.Float64)
    percent = text.str.contains(r"[%％]$") | (number >= PER_CENT)
    return pl.when(percent).then(number / 100).otherwise(number).alias(name)


def _day(value: Any, where: Where) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value).strip()[:10])
    except ValueError as error:
        raise InputError("cli.bad_day", where=where, name="from_date", value=value) from error


def read_months(source: TableIn, products: tuple[str, ...]) -> pl.DataFrame:
    """A table of months as a panel.

    Raises:
        InputError: ``gravity.no_such_column``, ``evidence.bad_month``, ``evidence.no_months``.
    """
    table, path = own_table(source)
    for name in ("month", "product", "value_usd"):
        column_of(table, path, name)
    text = pl.col("month").cast(pl.String).str.strip_chars()
    parts = [text.str.extract(r"^(\d{4})[-./年]?(\d{1,2})", at).cast(pl.Int32) for at in (1, 2)]
    period = 12 * parts[0] + parts[1] - 1
    if (at := first_row(table, period.is_null() | ~parts[1].is_between(1, 12))) is not None:
        where = Where(path, at["row"], "month")
        raise InputError("evidence.bad_month", where=where, text=at["month"])
    sides = {
        "exporter": pl.col("exporter") if "exporter" in table.columns else pl.lit(ORIGIN),
        "importer": pl.col("importer") if "importer" in table.columns else pl.lit("*"),
    }
    code = pl.col("product").cast(pl.String).str.replace_all(r"[.\s]", "")
    panel = table.select(
        period.alias("period"),
        code.alias("product"),
        *(side.cast(pl.String).alias(name) for name, side in sides.items()),
        numbers(table, path, "value_usd"),
    )
    if products:
        named = (pl.col("product").str.starts_with(code) for code in products)
        panel = panel.filter(pl.any_horizontal(named))
    if panel.filter((pl.col("exporter") == ORIGIN) & (pl.col("value_usd") > 0)).is_empty():
        raise InputError("evidence.no_months", where=Where(path), origin=ORIGIN)
    return panel
