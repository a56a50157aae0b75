"""Does a claim hold on the loaded data?"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import polars as pl

from offing.api.asking import Answer, Asked, TableIn, TradeRequest, one_of, parts, question
from offing.api.evidence_refund import outside, read_changes, read_months, refund_test
from offing.ladders.tiers import USUAL_METHOD, method_name
from offing.policy.evidence.refund import Refunds
from offing.policy.evidence.resilience import Resilience, resilience
from offing.policy.evidence.settlement import Settlement, settlement
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.hs import product_code
from offing.terms.messages import enumerated
from offing.terms.units import Unit

Claim = Literal["resilience", "refund", "settlement"]
CLAIMS: tuple[Claim, ...] = get_args(Claim)


@dataclass(frozen=True)
class EvidenceRequest(TradeRequest):
    """Are higher price tiers more resilient? Do refunds add exports? Does the currency of settling?

    Attributes:
        product: HS codes or names, several in a sequence or with commas; all where ``None``.
        unit: ``item`` or ``kg``, for ``resilience``; chosen for each product and market where
            ``None``.
        method: of the tiers, one of ``offing.ladders.tiers.METHODS``.
    """

    claim: Annotated[str, Asked("evidence.help_claim")]
    product: Annotated[
        str | Iterable[str] | None, Asked("evidence.help_product", kind=str | None)
    ] = None
    unit: Annotated[str | None, Asked("ladder.help_unit")] = None
    method: Annotated[str, Asked("ladder.help_method")] = USUAL_METHOD
    months: Annotated[TableIn, Asked("evidence.help_months", kind=Path | None)] = None
    changes: Annotated[TableIn, Asked("evidence.help_changes", kind=Path | None)] = None
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
    result: Resilience | Refunds | Settlement
    cautions: tuple[Caution, ...] = ()

    @property
    def table(self) -> Any:
        """Of ``resilience`` one row a comparison of a year; of ``refund`` one a change; of
        ``settlement`` one a currency.
        """
        result = self.result
        if isinstance(result, Refunds):
            return self.as_given(pl.DataFrame([asdict(covered) for covered in result.coverage]))
        if isinstance(result, Settlement):
            rows = [
                {"currency": c.currency, "spread": float(c.spread), "lost": float(c.lost)}
                for c in result.costs
            ]
            return self.as_given(pl.DataFrame(rows))
        compared = [
            {
                "year": shock.event.year,
                "measure": comparison.measure,
                "weighting": comparison.weighting,
                "without_controls": comparison.without_controls,
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

    Raises:
        InputError: ``evidence.unknown_claim``, ``landed.bad_choice``,
            ``ladder.unknown_method``.
        MissingDataError: ``evidence.no_shock``, ``evidence.too_few``.

    >>> evidence("resilience").result.compared
    4
    """
    claim: Claim | None = next((name for name in CLAIMS if name == request.claim), None)
    if claim is None:
        raise InputError("evidence.unknown_claim", text=request.claim, all=enumerated(CLAIMS))
    options = {"--months": request.months, "--changes": request.changes}
    if claim != "refund" and (unread := [name for name, at in options.items() if at is not None]):
        raise InputError("evidence.of_refund", options=enumerated(unread))
    if claim == "settlement":
        from offing.settlement.defaults import shipped

        on = request.on or date.today()  # noqa: DTZ011 - the user's own day
        return EvidenceAnswer(claim, "", (), settlement(shipped(), on))
    products = tuple(map(product_code, parts(request.product or ())))
    changes, noted = read_changes(request.changes)
    if claim == "refund" and request.months is not None:
        panel = read_months(request.months, products)
        tested = refund_test(panel, changes, request.seed, monthly=True)
        return EvidenceAnswer(claim, "", products, tested, (*noted, *outside(changes, panel)))
    warehouse, dataset, cautions = request.trade(products[0] if products else "")
    flows = (
        pl.concat([warehouse.flows(code, dataset=dataset) for code in products]).unique(
            maintain_order=True
        )
        if products
        else warehouse.table("flows", dataset)
    )
    if claim == "refund":
        panel = flows.rename({"year": "period"})
        outcome = refund_test(panel, changes, request.seed, monthly=False)
        return EvidenceAnswer(claim, dataset, products, outcome, (*cautions, *noted))
    unit = one_of(request.unit, get_args(Unit), "--unit")
    compared = resilience(flows, unit=unit, method=method_name(request.method))
    return EvidenceAnswer(claim, dataset, products, compared, cautions)
