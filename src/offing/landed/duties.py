"""The duties of a product in an importer's tariff, and the product lists that it is on.

A duty that the user gives wins over one of a reform, and that over the tariff's line.

Trade defence in a quote: measures that were read are charged, others are warned of.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from offing.landed.charges import Assessment, TaxStep, applies_to
from offing.landed.shipment import Shipment
from offing.rules.duty import AdValorem, share_of
from offing.rules.duty_text import duty_of_user
from offing.rules.regime_file import REGIMES
from offing.rules.remedies import (
    BEYOND_QUOTA,
    CHARGES,
    ORIGIN,
    Remedy,
    charged_remedies,
    measures_of,
    remedies,
)
from offing.rules.rule_use import RuleUse, remark_values
from offing.rules.rulebook import Charge, Regime, Rulebook
from offing.rules.tariff import (
    Lines,
    NationalLine,
    Tariff,
    lines_below,
    lists_of,
    lists_without,
    national,
    near_lines,
    the_line,
)
from offing.terms.caution import (
    Caution,
    CountryCode,
    Phrase,
    Reference,
    Value,
    countries,
    list_names,
)
from offing.terms.countries import country_name
from offing.terms.errors import InputError, MissingDataError
from offing.terms.hs import NO_CHAPTERS
from offing.terms.interval import holding
from offing.terms.messages import has_message, join_list, say
from offing.terms.money import round_amount
from offing.terms.tables import MEAN
from offing.warehouse.tariffs import lists_in_data

FAR = 4
"""Times by which a duty of one's own is another one than the tariff's: 0.27 for 2.7 %."""


def product_duties(
    request: Shipment, charges: Sequence[Charge], book: Rulebook, tariff: Lines
) -> tuple[dict[str, Tariff], frozenset[str], list[Caution]]:
    """The product's duty by regime, the lists that it is on, and what to say of both.

    Raises:
        InputError: ``landed.unused_duty``, ``landed.charges_no_duty``, ``landed.no_chapter``, or a
            code that needs more digits.
        MissingDataError: ``landed.without_mfn``; ``landed.no_line_for`` where the tariff has no
            line and no rate stands in for it; ``landed.code_not_in_tariff``.
    """
    regime = book.regime(request.destination)
    code = national(request.national_code or request.product)
    lines = near_lines(tariff, regime, code, request.origin, request.on)
    listed = {c.tariff: c for c in charges if c.tariff and applies_to(c, request.origin)}
    measures = charged_remedies(regime.importer, request.origin, code, request.on, request.duties)
    layers = _layers(request, charges)
    of_measures = {CHARGES[measure.kind] for measure in measures}
    _check_used(request, {*listed, *of_measures, *(layer.name for layer in layers)})
    search = _Search(request, book, regime, code, lines, tariff)
    tariffs, warnings = _duties(search, listed)
    if code[:2] in NO_CHAPTERS:
        raise InputError("landed.no_chapter", code=code)
    named = lists_named(charges, request.origin)
    cautioned = lists_cautioned(regime)
    charging = {n for c in charges if applies_to(c, request.origin) for n in c.lists}
    warnings += _about_lists(lines, code, regime, charging)
    if not regime.complete_for(request.origin, request.on):
        origins: dict[str, Value] = {
            "origin": request.origin,
            "known": list_names(regime.only_origins),
        }
        warnings.append(Caution("landed.warn_origin", origins | {"day": str(request.on)}))
    lists = lists_of(lines, code, named, cautioned)
    for layer in layers:
        own = tariffs[layer.name] = given_tariff(request, layer.name)
        lists = lists | set(layer.lists) if share_of(own.duty) != 0 else lists - set(layer.lists)
    return tariffs, lists, warnings


def _layers(request: Shipment, charges: Sequence[Charge]) -> list[Charge]:
    """The additional duties that the user gives a rate for; at 0 the goods are not on its list."""
    return [
        charge
        for charge in charges
        if charge.name in request.duties
        and charge.stage == "duty"
        and charge.tariff is None
        and applies_to(charge, request.origin)
    ]


def _duties(
    search: "_Search", listed: Mapping[str, Charge]
) -> tuple[dict[str, Tariff], list[Caution]]:
    """The duty for each name that a charge asks for, and what is said of them."""
    tariffs: dict[str, Tariff] = {}
    warnings: list[Caution] = []
    for name, charge in listed.items():
        has_rate = charge.rate is not None or charge.only_listed
        if (duty := search.own(name) or search.reform_tariff(name)) is not None:
            tariffs[name] = duty
            warnings += search.far_from_tariff(name)
        elif (line := search.line(name, has_rate=has_rate)) is not None:
            tariffs[name] = line.tariff()
            if line.regime.endswith(MEAN):
                warnings.append(_about_mean(line))
            if line.when.since is None:
                warnings.append(
                    Caution(
                        "landed.warn_undated", {"code": line.code, "source": Reference(line.source)}
                    )
                )
        else:
            goods = search.request
            warnings += listed_below(search.regime, charge, search.code, goods.origin, goods.on)
    return tariffs, warnings


def _about_mean(line: NationalLine) -> Caution:
    """That a rate is a mean at six digits: of which year and how many lines, and how they part."""
    told = remark_values(line.source)
    values: dict[str, Value] = {
        "code": line.code, "year": told["year"], "edition": told["hs"],
        "least": told["least"], "most": told["most"], "count": int(told["lines"]),
    }  # fmt: skip
    if unread := int(told["unread"]):
        return Caution("landed.warn_mean_in_part", {**values, "unread": unread})
    one = told["least"] == told["most"]
    return Caution("landed.warn_mean_one" if one else "landed.warn_mean", values)


def listed_below(regime: Regime, charge: Charge, code: str, origin: str, on: date) -> list[Caution]:
    """What is said of goods without a line of a listed duty, where longer codes below have one."""
    below = lines_below(regime, charge.tariff or "", code, origin, on)
    if not below:
        return []
    named = {
        "code": code,
        "charge": say(f"landed.line_{charge.name}"),
        "duties": join_list(list(dict.fromkeys(line.text or "" for line in below))),
        "example": below[0].code,
    }
    return [Caution("landed.warn_listed_below", named)]


def agreements(request: Shipment, book: Rulebook, tariff: Lines) -> tuple[str, ...]:
    """The duty regimes with a duty for the goods that may be claimed instead of the general one."""
    regime = book.regime(request.destination)
    code = national(request.national_code or request.product)
    lines = near_lines(tariff, regime, code, request.origin, request.on)
    own = {charge.tariff for charge in regime.charges}
    found = {line.regime.removesuffix(MEAN) for line in lines if line.text is not None}
    return tuple(sorted(found - own))


def _check_used(request: Shipment, needed: Collection[str]) -> None:
    if request.duties and not needed:
        country = country_name(request.destination)
        raise InputError("landed.charges_no_duty", country=country)
    for name in request.duties:
        if name not in needed:
            raise InputError(
                "landed.unused_duty",
                name=name,
                destination=request.destination,
                known=join_list(needed),
            )


LOADED_FROM = {"EUR": "tariff-uk-eu", "GBR": "tariff-uk-eu", "USA": "tariff-us"}
"""Importer → the data set that has its whole tariff; means of the others are in bulk files."""


def given_tariff(request: Shipment, name: str) -> Tariff:
    """A duty that the user gives, with its trace: of which importer it is."""
    duty, id_ = duty_of_user(request.duties[name]), f"user.{name}.{request.destination.lower()}"
    return Tariff(duty, RuleUse(id_, str(duty), None, None, "", "user"))


@dataclass(frozen=True)
class _Search:
    """Where a duty is looked for: what the user gives, a reform, the lines."""

    request: Shipment
    book: Rulebook
    regime: Regime
    code: str
    lines: list[NationalLine]
    tariff: Lines

    def wanted(self, name: str) -> str:
        """The duty regime that is looked up for a charge's: a preference takes the place of MFN."""
        return self.request.preference or name if name == "mfn" else name

    def own(self, name: str) -> Tariff | None:
        """The user's own duty."""
        return given_tariff(self.request, name) if name in self.request.duties else None

    def far_from_tariff(self, name: str) -> list[Caution]:
        """A duty of the user's that is many times the loaded one of the code, or a part of it."""
        if name not in self.request.duties:
            return []
        try:
            line = the_line(self.lines, self.code, self.wanted(name))
        except (MissingDataError, InputError):
            return []
        loaded, own = line.tariff().duty, duty_of_user(self.request.duties[name])
        theirs, mine = share_of(loaded), share_of(own)
        if not theirs or not mine or 1 / FAR < mine / theirs < FAR:
            return []
        named = {"code": line.code, "duty": str(own), "loaded": str(loaded)}
        return [Caution("landed.warn_own_duty", named)]

    def reform_tariff(self, name: str) -> Tariff | None:
        """The duty that a reform gives the code, or the longest heading above it."""
        if not self.book.reforms:
            return None
        series = f"{self.regime.importer.lower()}.{self.wanted(name)}"
        for length in range(len(self.code), 3, -1):
            rates = self.book.series(f"{series}.{self.code[:length]}")
            for rate in holding(rates, self.request.on):
                return Tariff(rate.duty, rate.use())
        return None

    def line(self, name: str, *, has_rate: bool) -> NationalLine | None:
        """The line that decides; ``None`` where there is none and a rate stands in for it."""
        request, regime = self.request, self.wanted(name)
        if regime == "mfn" and request.origin in self.regime.without_mfn:
            raise MissingDataError(
                "landed.without_mfn", origin=request.origin, destination=request.destination
            )
        try:
            return the_line(self.lines, self.code, regime)
        except MissingDataError as error:
            if error.key != "landed.no_line":
                raise
            if has_rate and regime == name:
                return None
            with suppress(MissingDataError):
                return the_line(self.lines, self.code, regime + MEAN)
            self._must_be_in_tariff(regime)
            source = LOADED_FROM.get(self.regime.importer, "tariff-wits")
            raise MissingDataError(
                _no_line(regime, request.preference),
                code=self.code,
                destination=request.destination,
                country=country_name(request.destination),
                regime=regime,
                duty=duty_label(self.regime, regime),
                option="--duty 35%" if name == "mfn" else f"--duty {name}=15%",
                field=say("web.quote_duty"),
                load=say("landed.or_load", source=source),
            ) from error

    def _must_be_in_tariff(self, regime: str) -> None:
        """Refuse a national code that the tariff lacks, where it has others of the same six digits.

        Raises:
            MissingDataError: ``landed.code_not_in_tariff``.
        """
        six, request = self.code[:6], self.request
        lines = self.tariff.of(six, request.origin, request.on) if self.code != six else []
        there = sorted({line.code for line in lines if line.regime == regime} - {six})
        if there:
            raise MissingDataError(
                "landed.code_not_in_tariff",
                code=self.code,
                country=country_name(request.destination),
                six=six,
                listed=join_list(there, 8),
                example=there[0],
            )


def duty_label(regime: Regime, name: str) -> str:
    """The duty of a tariff by the charge that takes it; a preference by its own name."""
    charge = next((c.name for c in regime.charges if c.tariff == name), "")
    if name != "mfn" and has_message(f"landed.line_{charge}"):
        return say(f"landed.line_{charge}")
    return say("landed.mfn" if name == "mfn" else "landed.regime", regime=name)


def _no_line(regime: str, preference: str | None) -> str:
    """What is said where there is no line: of a duty, of a preference that is claimed, of a tax."""
    if regime == "mfn":
        return "landed.no_line_for"
    return "landed.no_line_of_preference" if regime == preference else "landed.no_line_of_tax"


def lists_named(charges: Sequence[Charge], origin: str) -> frozenset[str]:
    """The lists that a charge on such goods asks for."""
    return frozenset(
        name
        for charge in charges
        if applies_to(charge, origin)
        for name in (*charge.lists, *charge.not_on)
    )


def lists_cautioned(regime: Regime) -> frozenset[str]:
    """The lists that a caution asks for."""
    return frozenset(name for c in regime.cautions for name in (*c.lists, *c.not_on))


def _without(lines: list[NationalLine], code: str, on: Collection[str]) -> Iterator[Caution]:
    """The longer codes that are not on a list, though the code is."""
    outside = [line for line in lines if line.excluded and line.regime in on]
    if outside:
        codes = join_list(list(dict.fromkeys(line.code for line in outside)))
        lists = list_names(sorted({line.regime for line in outside}))
        yield Caution("landed.warn_without", {"code": code, "lists": lists, "codes": codes})


def _about_lists(
    lines: list[NationalLine], code: str, regime: Regime, charging: Collection[str]
) -> Iterator[Caution]:
    """Lists that hold a code in part, and lists that no rule uses (4B never came into force).

    Only lists by which something is charged on the day can part a code between them.
    """
    used = {name for charge in regime.charges for name in (*charge.lists, *charge.not_on)}
    used |= lists_cautioned(regime)
    on = {line.regime for line in lines if line.text is None and not line.excluded}
    on -= lists_without(lines, code)
    yield from _without(lines, code, on)
    for family in sorted({name.partition("_")[0] for name in on.intersection(charging)}):
        split = sorted(name for name in on.intersection(charging) if name.startswith(f"{family}_"))
        if len(split) > 1:
            yield Caution("landed.warn_split", {"code": code, "lists": list_names(split)})
    if unknown := on - used - _shipped_lists(regime):
        lists = list_names(sorted(unknown))
        yield Caution("landed.warn_unused_list", {"code": code, "lists": lists})


def _shipped_lists(regime: Regime) -> frozenset[str]:
    """Lists that come with offing: what no rule of them uses is known, and says nothing."""
    own = {x.name for x in regime.listed if x.where and Path(x.where.file or "").parent == REGIMES}
    return lists_in_data() | own


def remedies_that_may_hold(request: Shipment, importer: str) -> tuple[Remedy, ...]:
    """The measures that may hold for a shipment; ``importer`` may be a customs union."""
    return remedies(importer, request.origin, _code(request), request.on)


def remedy_steps(request: Shipment, importer: str, base: tuple[str, ...]) -> tuple[TaxStep, ...]:
    """The charges of measures that were read, at the residual rate or the maker's own.

    The request's ``duties`` may have the maker's own rate by the charge's name.
    """
    added: list[TaxStep] = []
    for remedy in _charged_remedies(request, importer):
        name = CHARGES[remedy.kind]
        duty = AdValorem(remedy.share or Decimal(0))
        id_ = f"{importer.lower()}.{name}.{_code(request)}"
        source, seen = f"{remedy.document} · {remedy.source}", remedy.still_valid_on
        use = RuleUse(
            id_,
            str(duty),
            since=remedy.when.since,
            until=remedy.when.until,
            source=source,
            status=remedy.status,
            still_valid_on=seen,
        )
        rate = given_tariff(request, name) if name in request.duties else Tariff(duty, use)
        of = ("goods",) if remedy.base == "export price" else base
        added.append(TaxStep(Charge.plain(name, "duty", of), rate.duty, rate.use))
    return tuple(added)


def add_defence_charges(assessment: Assessment, request: Shipment, importer: str) -> Assessment:
    """The importer's charges with those of trade defence after its duties, before its taxes."""
    names = {step.charge.name for step in assessment.steps}
    base = ("customs_value",) if "customs_value" in names else ("goods", "freight", "insurance")
    more = remedy_steps(request, importer, base)
    if not more:
        return assessment
    charges = enumerate((step.charge for step in assessment.steps), 1)
    duties = (n for n, c in charges if c.stage == "duty" or c.name == "customs_value")
    at = max(duties, default=0)
    return replace(assessment, steps=(*assessment.steps[:at], *more, *assessment.steps[at:]))


def remedy_note(request: Shipment, importer: str) -> Caution:
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


def remedy_cautions(
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
