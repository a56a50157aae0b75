"""Does a claim hold on the loaded data?"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Annotated, Any, get_args

import polars as pl

from offing.api.asking import Answer, Asked, Cautions, TradeRequest, one_of, parts, question
from offing.ladders.tiers import METHODS, method_name
from offing.policy.evidence.resilience import Resilience, resilience
from offing.terms.errors import InputError
from offing.terms.hs import product_code
from offing.terms.messages import enumerated
from offing.terms.units import Unit

CLAIMS = ("resilience",)


@dataclass(frozen=True)
class EvidenceRequest(TradeRequest):
    """Are higher price tiers more resilient?

    Attributes:
        claim: ``resilience``.
        product: HS codes or names, several in a sequence or with commas; all where ``None``.
        unit: ``item`` or ``kg``; chosen for each product and market where ``None``.
        method: of the tiers, one of ``offing.ladders.tiers.METHODS``.
    """

    claim: Annotated[str, Asked("evidence.help_claim")]
    product: Annotated[
        str | Iterable[str] | None, Asked("evidence.help_product", kind=str | None)
    ] = None
    unit: Annotated[str | None, Asked("ladder.help_unit")] = None
    method: Annotated[str, Asked("ladder.help_method")] = METHODS[0]


@dataclass(frozen=True)
class EvidenceAnswer(Answer):
    """What the data say of the claim.

    Attributes:
        claim: that was checked.
        dataset: the trade data set.
        products: HS codes; empty for all.
        result: the comparisons of bad and quiet years, in percentage points.
        cautions: message keys with their values.
    """

    claim: str
    dataset: str
    products: tuple[str, ...]
    result: Resilience
    cautions: Cautions = ()

    @property
    def table(self) -> Any:
        """One row a comparison of a year: high tier less low tier, with its 95 % interval."""
        rows = [
            {
                "year": shock.event.year,
                "measure": found.measure,
                "weighting": found.weighting,
                "without_controls": found.without_controls,
                **asdict(found.high),
                "flows": found.flows,
            }
            for shock in (*self.result.shocks, *self.result.quiet)
            for found in shock.comparisons
        ]
        return self.as_given(pl.DataFrame(rows, infer_schema_length=None))


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
    if request.claim not in CLAIMS:
        raise InputError("evidence.unknown_claim", text=request.claim, all=enumerated(CLAIMS))
    unit = one_of(request.unit, get_args(Unit), "--unit")
    products = tuple(map(product_code, parts(request.product or ())))
    warehouse, dataset, cautions = request.trade(products[0] if products else "")
    flows = (
        pl.concat([warehouse.flows(code, dataset=dataset) for code in products]).unique(
            maintain_order=True
        )
        if products
        else warehouse.table("flows", dataset)
    )
    return EvidenceAnswer(
        request.claim,
        dataset,
        products,
        resilience(flows, unit=unit, method=method_name(request.method)),
        cautions,
    )
