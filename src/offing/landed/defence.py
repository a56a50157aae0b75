"""Trade defence in a quote: measures that were read are charged, others are warned of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from offing.landed.charges import Assessment, TaxStep
from offing.landed.duties import given_use
from offing.landed.shipment import Shipment
from offing.rules.duty import AdValorem, Duty
from offing.rules.duty_text import duty_of_user
from offing.rules.remedies import (
    BEYOND_QUOTA,
    CHARGES,
    ORIGIN,
    Remedy,
    charged_remedies,
    measures_of,
    remedies,
)
from offing.rules.rule_use import RuleUse
from offing.rules.rulebook import Charge
from offing.terms.caution import Caution, CountryCode, Phrase, Value, countries
from offing.terms.money import round_amount


def may_hold(request: Shipment, importer: str) -> tuple[Remedy, ...]:
    """The measures that may hold for a shipment; ``importer`` may be a customs union."""
    return remedies(importer, request.origin, _code(request), request.on)


def steps(request: Shipment, importer: str, base: tuple[str, ...]) -> tuple[TaxStep, ...]:
    """The charges of measures that were read, at the residual rate or the maker's own.

    The request's ``duties`` may have the maker's own rate by the charge's name.
    """
    added: list[TaxStep] = []
    for remedy in _charged_remedies(request, importer):
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
        added.append(TaxStep(Charge.plain(name, "duty", of), duty, use))
    return tuple(added)


def add_defence_charges(assessment: Assessment, request: Shipment, importer: str) -> Assessment:
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


def note(request: Shipment, importer: str) -> Caution:
    """What was not looked at, or that no measure was found."""
    measures = measures_of(importer)
    if measures is None:
        return Caution(
            "landed.defence_unchecked", {"destination": CountryCode(request.destination)}
        )
    if request.origin != ORIGIN:
        return Caution("landed.defence_origin", {"market": CountryCode(request.origin)})
    different = {(each.product, each.kind) for each in measures if each.when.holds(request.on)}
    return Caution(
        "landed.defence_none",
        {
            "count": len(different),
            "day": str(request.on),
            "destination": CountryCode(request.destination),
        },
    )


def cautions(
    request: Shipment, measures: Sequence[Remedy], fob: Decimal, cif: Decimal
) -> Iterator[Caution]:
    """A caution for each measure that may hold.

    The values are of the shipment, in the quote's currency.
    """
    importers = {remedy.country for remedy in measures}
    paid = {remedy for importer in importers for remedy in _charged_remedies(request, importer)}
    for remedy in measures:
        caution = remedy_caution(remedy, request.destination, request.on)
        amount = _amount(remedy, _code(request), fob, cif)
        if remedy in paid:
            yield Caution(
                "landed.warn_remedy_charged", {**caution.values, "name": CHARGES[remedy.kind]}
            )
        elif (
            caution.key in ("landed.warn_remedy", "landed.warn_remedy_quota") and amount is not None
        ):
            would = {"amount": f"{amount:,}", "currency": request.currency}
            yield Caution(f"{caution.key}_amount", {**caution.values, **would})
        else:
            yield caution


def remedy_caution(remedy: Remedy, destination: str, on: date) -> Caution:
    """That a measure may hold, or held until lately, whatever the shipment is worth."""
    values: dict[str, Value] = {
        "kind": Phrase(f"landed.remedy_{remedy.kind}"),
        "destination": countries([destination]),
        "goods": {"en": remedy.product, "zh": remedy.product_zh},
        "document": remedy.document,
        "status": Phrase(f"landed.remedy_{remedy.status}"),
        "since": remedy.when.since or Phrase("landed.remedy_since_unknown"),
        "looked": remedy.still_valid_on or Phrase("landed.remedy_never"),
    }
    if remedy.rate:
        of = Phrase(f"landed.remedy_of_{remedy.base.replace(' ', '_')}") if remedy.base else ""
        values |= {"rate": remedy.rate, "of": of}
    if remedy.has_lapsed(on) and remedy.when.until is not None:
        last = remedy.when.until - timedelta(days=1)
        return Caution("landed.warn_remedy_lapsed", values | {"until": str(last)})
    if not remedy.rate:
        return Caution("landed.warn_remedy_unrated", values)
    beyond = remedy.kind == BEYOND_QUOTA
    return Caution("landed.warn_remedy_quota" if beyond else "landed.warn_remedy", values)


def merge_by_measure(warnings: Iterable[Caution]) -> list[Caution]:
    """The warnings of many quotes: one for each measure, with all its destinations."""
    merged: dict[object, Caution] = {}
    for caution in warnings:
        if not caution.key.startswith("landed.warn_remedy"):
            merged[len(merged)] = caution
            continue
        measure = (caution["kind"], caution["goods"]["en"], caution["document"])
        first = merged.get(measure, caution)
        # what it would come to is another sum in each market
        values = {k: v for k, v in first.values.items() if k not in ("amount", "currency")}
        where = tuple(dict.fromkeys((*first["destination"], *caution["destination"])))
        key = first.key.removesuffix("_amount")
        merged[measure] = Caution(key, values | {"destination": where})
    return list(merged.values())


def _charged_remedies(request: Shipment, importer: str) -> tuple[Remedy, ...]:
    return charged_remedies(importer, request.origin, _code(request), request.on, request.duties)


def _code(request: Shipment) -> str:
    return request.national_code or request.product


def _amount(remedy: Remedy, code: str, fob: Decimal, cif: Decimal) -> Decimal | None:
    """What the residual rate would be; ``None`` where act, codes or rate do not tell."""
    share = remedy.share
    if share is None or remedy.status == "recalled" or remedy.when.since is None:
        return None
    if not (remedy.whole(code) or remedy.kind == BEYOND_QUOTA):
        return None
    return round_amount(share * (fob if remedy.base == "export price" else cif))
