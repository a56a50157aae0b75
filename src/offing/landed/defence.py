"""Trade defence in a quote: measures that were read are charged, others are warned of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from offing.landed.charges import Assessment, Step
from offing.landed.duties import Warning_, given_use
from offing.landed.shipment import QuoteRequest
from offing.rules.duty import AdValorem, Duty
from offing.rules.duty_text import duty_of_user
from offing.rules.remedies import (
    BEYOND_QUOTA,
    CHARGES,
    ORIGIN,
    Remedy,
    charged,
    measures_of,
    remedies,
)
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import Charge
from offing.terms.money import rounded


def may_hold(request: QuoteRequest, importer: str) -> tuple[Remedy, ...]:
    """The measures that may hold for a shipment; ``importer`` may be a customs union."""
    return remedies(importer, request.origin, _code(request), request.on)


def steps(request: QuoteRequest, importer: str, base: tuple[str, ...]) -> tuple[Step, ...]:
    """The charges of measures that were read, at the residual rate or the maker's own.

    The request's ``duties`` may have the maker's own rate by the charge's name.
    """
    added: list[Step] = []
    for remedy in _charged(request, importer):
        name = CHARGES[remedy.kind]
        own = request.duties.get(name)
        duty: Duty = AdValorem(remedy.share or Decimal(0))
        use = RuleUse(
            f"{importer.lower()}.{name}.{_code(request)}",
            str(duty),
            remedy.when.since,
            remedy.when.until,
            f"{remedy.document} · {remedy.source}",
            remedy.status,
            still_valid_on=remedy.still_valid_on,
        )
        if own is not None:
            duty = duty_of_user(own)
            use = given_use(name, duty, request.destination)
        of = ("goods",) if remedy.base == "export price" else base
        added.append(Step(Charge.plain(name, "duty", of), duty, use))
    return tuple(added)


def with_steps(assessment: Assessment, request: QuoteRequest, importer: str) -> Assessment:
    """The importer's charges with those of trade defence after its duties, before its taxes."""
    names = {step.charge.name for step in assessment.steps}
    base = ("customs_value",) if "customs_value" in names else ("goods", "freight", "insurance")
    more = steps(request, importer, base)
    if not more:
        return assessment
    charges = enumerate((step.charge for step in assessment.steps), 1)
    duties = (n for n, c in charges if c.stage == "duty" or c.name == "customs_value")
    at = max(duties, default=0)
    return replace(assessment, steps=(*assessment.steps[:at], *more, *assessment.steps[at:]))


def note(request: QuoteRequest, importer: str) -> Warning_:
    """What was not looked at, or that no measure was found."""
    measures = measures_of(importer)
    if measures is None:
        return "landed.defence_unchecked", {"destination": request.destination}
    if request.origin != ORIGIN:
        return "landed.defence_origin", {"market": request.origin}
    different = {(each.product, each.kind) for each in measures if each.when.holds(request.on)}
    values = {"count": str(len(different)), "day": str(request.on)}
    return "landed.defence_none", values | {"destination": request.destination}


def cautions(
    request: QuoteRequest, measures: Sequence[Remedy], fob: Decimal, cif: Decimal
) -> Iterator[Warning_]:
    """A caution for each measure that may hold.

    The values are of the shipment, in the quote's currency.
    """
    importers = {remedy.country for remedy in measures}
    paid = {remedy for importer in importers for remedy in _charged(request, importer)}
    for remedy in measures:
        key, values = told(remedy, request.destination, request.on)
        amount = _amount(remedy, _code(request), fob, cif)
        if remedy in paid:
            yield "landed.warn_remedy_charged", values | {"name": CHARGES[remedy.kind]}
        elif key in ("landed.warn_remedy", "landed.warn_remedy_quota") and amount is not None:
            would = {"amount": f"{amount:,}", "currency": request.currency}
            yield f"{key}_amount", values | would
        else:
            yield key, values


def told(remedy: Remedy, destination: str, on: date) -> Warning_:
    """That a measure may hold, or held until lately, whatever the shipment is worth."""
    values = {
        "kind": f"landed.remedy_{remedy.kind}",
        "destination": destination,
        "goods": f"{remedy.product}|{remedy.product_zh}",
        "document": remedy.document,
        "status": f"landed.remedy_{remedy.status}",
        "since": str(remedy.when.since or "landed.remedy_since_unknown"),
        "looked": str(remedy.still_valid_on or "landed.remedy_never"),
    }
    if remedy.rate:
        of = f"landed.remedy_of_{remedy.base.replace(' ', '_')}" if remedy.base else ""
        values |= {"rate": remedy.rate, "of": of}
    if remedy.lapsed(on) and remedy.when.until is not None:
        last = remedy.when.until - timedelta(days=1)
        return "landed.warn_remedy_lapsed", values | {"until": str(last)}
    if not remedy.rate:
        return "landed.warn_remedy_unrated", values
    beyond = remedy.kind == BEYOND_QUOTA
    return "landed.warn_remedy_quota" if beyond else "landed.warn_remedy", values


def by_measure(warnings: Iterable[Warning_]) -> list[Warning_]:
    """The warnings of many quotes: one for each measure, with all its destinations."""
    merged: list[Warning_] = []
    told: dict[tuple[str, ...], dict[str, str]] = {}
    for key, values in warnings:
        if not key.startswith("landed.warn_remedy"):
            merged.append((key, values))
            continue
        measure = (values["kind"], values["goods"], values["document"])
        if measure not in told:
            # what it would come to is another sum in each market
            told[measure] = {k: v for k, v in values.items() if k not in ("amount", "currency")}
            merged.append((key.removesuffix("_amount"), told[measure]))
        elif values["destination"] not in (named := told[measure]["destination"]).split(", "):
            told[measure]["destination"] = f"{named}, {values['destination']}"
    return merged


def _charged(request: QuoteRequest, importer: str) -> tuple[Remedy, ...]:
    return charged(importer, request.origin, _code(request), request.on, request.duties)


def _code(request: QuoteRequest) -> str:
    return request.national_code or request.product


def _amount(remedy: Remedy, code: str, fob: Decimal, cif: Decimal) -> Decimal | None:
    """What the residual rate would be; ``None`` where act, codes or rate do not tell."""
    share = remedy.share
    if share is None or remedy.status == "recalled" or remedy.when.since is None:
        return None
    if not (remedy.whole(code) or remedy.kind == BEYOND_QUOTA):
        return None
    return rounded(share * (fob if remedy.base == "export price" else cif))
