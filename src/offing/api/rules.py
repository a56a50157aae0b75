"""What law is in force for a country on a day, from where, how old; do the worked cases hold?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from offing.api import typed
from offing.api.asking import Answer, Asked, Caution, WarehouseIn, opened, question
from offing.landed.worked import Worked
from offing.policy.in_force import Change, Held, Law, Matter, difference, law_of
from offing.policy.overlay import Rules, today
from offing.policy.own_rules import shipped_cases, with_own
from offing.rules.packs import Pack, seal
from offing.rules.register import Registered
from offing.rules.register import register as registered_in
from offing.rules.remedies import ORIGIN
from offing.rules.requirements import Requirements, requirements_of
from offing.rules.rulebook import HORIZON_DAYS
from offing.rules.tariff import national
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError


@dataclass(frozen=True)
class RulesRequest:
    """What holds for a country on a day, and how well is it known?

    Attributes:
        code: tariff code; all goods where it is left out.
    """

    country: Annotated[str | None, Asked("rules.help_country", word=True)] = None
    on: Annotated[date | None, Asked("rules.help_on")] = None
    against: Annotated[date | None, Asked("rules.help_against")] = None
    code: Annotated[str | None, Asked("rules.help_code")] = None
    origin: Annotated[str, Asked("rules.help_origin")] = "CHN"
    check: Annotated[bool, Asked("rules.help_check")] = False
    seal: Annotated[typed.File, Asked("rules.help_seal")] = None
    rules: Annotated[typed.Paths, Asked("rules.help_rules")] = None
    rules_key: Annotated[typed.File, Asked("rules.help_key")] = None
    warehouse: WarehouseIn = None


@dataclass(frozen=True)
class RulesAnswer(Answer):
    """The law of a day, the difference of two, the cases of all files, or a sealed pack.

    Attributes:
        asked_on: the day of asking: ages are counted to it.
        country, origin: alpha-3; ``None`` where cases or a pack were asked for.
        on, against: the days.
        rules: what holds on ``on``; of two days, nothing.
        reviewed: the day of review by file.
        changes: from the earlier of two days to the later.
        cases: worked cases with what the rules give.
        pack: that was sealed.
        requirements: what the country requires of goods beside duty and tax; ``None`` of two days.
    """

    asked_on: date
    country: str | None = None
    origin: str | None = None
    on: date | None = None
    against: date | None = None
    rules: tuple[Held, ...] = ()
    reviewed: Mapping[str, date] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    cases: tuple[Worked, ...] = ()
    pack: Pack | None = None
    requirements: Requirements | None = None
    cautions: tuple[Caution, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every worked case holds."""
        return all(case.ok for case in self.cases)

    def age_days(self, reviewed: date | None) -> int | None:
        """How many days ago a review was."""
        return None if reviewed is None else (self.asked_on - reviewed).days

    def data(self) -> dict[str, Any]:
        """The rules with their ages, the changes, the cases."""
        return {
            "country": self.country,
            "origin": self.origin,
            "on": self.on,
            "against": self.against,
            "rules": [
                {"kind": rule.kind, "rule": rule.use, "age_days": self.age_days(rule.use.reviewed)}
                for rule in self.rules
            ],
            "changes": self.changes,
            "cases": [
                {
                    "case": case.name,
                    "file": str(case.where.file),
                    "ok": case.ok,
                    "expected": case.expected,
                    "got": case.got,
                    "source": case.source,
                }
                for case in self.cases
            ],
            "pack": self.pack,
            "requirements": self.requirements
            and {"checked": self.requirements.checked, "known": self.requirements.known},
            "cautions": self.cautions,
        }


@question(RulesRequest)
def law(request: RulesRequest) -> RulesAnswer:
    """Show the law that is in force for a country on a day, with its sources and its age.

    Raises:
        InputError: ``rules.which_country`` where nothing is asked, ``rules.same_day``, or a file
            that cannot be used.
        MissingDataError: no rules of the country.

    >>> answer = law("DEU", on=date(2024, 12, 31))
    >>> [held.use.value for held in answer.rules if held.use.id == "eur.vat.deu"]
    ['0.19']
    """
    now = datetime.now(UTC).date()
    key = None if request.rules_key is None else Path(request.rules_key)
    files = [Path(path) for path in typed.listed(request.rules)]
    if request.seal is not None:
        return RulesAnswer(now, pack=seal(Path(request.seal), now, key))
    laws, own = with_own(today(), files, key)
    if request.check:
        return RulesAnswer(now, cases=(*shipped_cases(), *own))
    if request.country is None:
        raise InputError("rules.which_country")
    country, origin = country_code(request.country), country_code(request.origin)
    code = None if request.code is None else national(request.code)
    on, warehouse = request.on or now, opened(request.warehouse)
    if request.against == on:
        raise InputError("rules.same_day", day=on)
    wrong = tuple(("rules.warn_case", {"case": c.name}) for c in own if not c.ok)
    in_force = law_of(laws, Matter(country, on, code, origin), warehouse)
    answer = RulesAnswer(now, country, origin, on, request.against, reviewed=in_force.reviewed)
    days = [on] if request.against is None else [on, request.against]
    cautions = (
        *wrong,
        *_within(laws, country, origin),
        *_none_yet(in_force, on),
        *_aged(in_force, max(days), now),
    )
    if request.against is None:
        required = _required(laws, country, code or "", on)
        told = (*in_force.cautions, *cautions)
        return replace(answer, rules=in_force.rules, requirements=required, cautions=told)
    other = law_of(laws, Matter(country, request.against, code, origin), warehouse)
    first, second = (in_force, other) if on <= request.against else (other, in_force)
    unsaid = [*first.cautions, *(note for note in second.cautions if note not in first.cautions)]
    return replace(
        answer, changes=difference(first.rules, second.rules), cautions=(*unsaid, *cautions)
    )


def _required(laws: Rules, country: str, code: str, on: date) -> Requirements | None:
    """Of an importer whose rules are known; China's law here is its export refund."""
    if country == ORIGIN:
        return None
    return requirements_of(code, laws.rulebook.regime(country).importer, on)


def _within(laws: Rules, country: str, origin: str) -> Iterator[Caution]:
    """That goods pay no duty between members of a union, or at home, whatever the law says."""
    if country != ORIGIN and origin in laws.rulebook.regime(country).destinations:
        names = {"origin": country_name(origin), "destination": country_name(country)}
        yield "landed.same_union", names


def _none_yet(law: Law, on: date) -> Iterator[Caution]:
    """What to say of a day before the first that the rulebook has rules for.

    Lines of a tariff without a first day hold on every day, and say nothing of that one.
    """
    if all(held.kind in ("duty", "list", "group") for held in law.rules):
        yield "rules.warn_none_yet", {"day": str(on)}


def _aged(law: Law, last: date, now: date) -> Iterator[Caution]:
    """What to say where the day, or today, is long after a file's review."""
    for name, reviewed in law.reviewed.items():
        days = law.horizon_days.get(name, HORIZON_DAYS)
        trusted = reviewed + timedelta(days=days)
        named = {"file": name, "reviewed": str(reviewed), "days": str(days)}
        if last > trusted:
            yield "rules.warn_far_ahead", named | {"day": str(last)}
        elif now > trusted:
            yield "rules.warn_past_review", named


def register() -> tuple[Registered, ...]:
    """How well the rules of each importer in the package are known, and when they were read."""
    now = datetime.now(UTC).date()
    return registered_in(today().rulebook, now)
