"""What law is in force for a country on a day, from where, how old; what changed and what will?"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

from offing.api import typed
from offing.api.asking import Answer, Asked, Country, LawRequest, open_warehouse, question
from offing.landed.explain import Worked
from offing.policy.in_force import ActiveRule, LegalChange, Matter, is_refund, law_of, legal_changes
from offing.policy.overlay import Rules, rules_with_own_files, shipped_cases, today
from offing.rules.packs import Pack, seal
from offing.rules.register import Registered, age_cautions, ages, version
from offing.rules.register import register as registered_in
from offing.rules.remedies import ORIGIN
from offing.rules.requirements import Requirements, requirements_of
from offing.rules.tariff import Tariffs, national
from offing.study.file import read_study
from offing.study.inputs import study_matters
from offing.terms.caution import Caution
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError
from offing.terms.plain import values_of


@dataclass(frozen=True)
class RulesRequest(LawRequest):
    """What holds for a country on a day, how well is it known, what changed and what will?

    Attributes:
        code: tariff code; without one all goods, or those of the ``study``.
    """

    country: Annotated[Country | None, Asked("rules.help_country", word=True)] = None
    on: Annotated[date | None, Asked("rules.help_on")] = None
    since: Annotated[date | None, Asked("rules.help_since")] = None
    calendar: Annotated[bool, Asked("rules.help_calendar")] = False
    study: Annotated[typed.File, Asked("rules.help_study")] = None
    code: Annotated[Annotated[str, national] | None, Asked("rules.help_code")] = None
    origin: Annotated[Country, Asked("rules.help_origin")] = "CHN"
    check: Annotated[bool, Asked("rules.help_check")] = False
    seal: Annotated[typed.File, Asked("rules.help_seal")] = None


@dataclass(frozen=True)
class RulesAnswer(Answer):
    """The law of a day, its changes, the cases of all files, or a sealed pack.

    Attributes:
        country, origin: alpha-3; ``None`` where cases, a pack or a study were asked for.
        on, since: the days; ages are counted to ``on``.
        rules: what holds on ``on``.
        changes: each with its day, after ``since`` up to ``on``, or of the calendar after ``on``;
            ``None`` where neither was asked for.
        version: of the rules that come with offing.
        cases: worked cases with what the rules give.
        pack: that was sealed.
        requirements: what the country requires of goods beside duty and tax; ``None`` of two days.
    """

    country: str | None = None
    origin: str | None = None
    on: date | None = None
    since: date | None = None
    rules: tuple[ActiveRule, ...] = ()
    version: str = ""
    changes: tuple[LegalChange, ...] | None = None
    cases: tuple[Worked, ...] = ()
    pack: Pack | None = None
    requirements: Requirements | None = None

    @property
    def holds(self) -> bool:
        """Whether every worked case holds."""
        return all(case.ok for case in self.cases)

    def data(self) -> dict[str, Any]:
        """The rules with their ages, the changes, the cases."""
        return {
            **values_of(self, "country", "origin", "on", "since", "version", "changes", "pack"),
            **values_of(self, "cautions"),
            "rules": [
                {**age, "kind": rule.kind, "rule": rule.use}
                for rule in self.rules
                for age in ages([rule.use], self.on or date.min)
            ],
            "cases": [
                values_of(case, "case=name", "where.file", "ok", "expected", "got", "source")
                for case in self.cases
            ],
            "requirements": values_of(self.requirements, "checked", "known"),
        }


@question(RulesRequest)
def law(request: RulesRequest) -> RulesAnswer:
    """Show the law that is in force for a country on a day, with its sources and its age.

    Raises:
        InputError: ``rules.which_country`` or ``rules.calendar_of_what`` where nothing is asked,
            ``rules.one_stretch``, ``rules.since_or_calendar``, or a file that cannot be used.
        MissingDataError: no rules of the country.

    >>> answer = law("DEU", on=date(2024, 12, 31))
    >>> [held.use.value for held in answer.rules if held.use.id == "eur.vat.deu"]
    ['0.19']
    """
    on = request.on or datetime.now(UTC).date()
    files = request.rule_paths()
    if request.seal is not None:
        return RulesAnswer(pack=seal(Path(request.seal), datetime.now(UTC).date()))
    laws, own = rules_with_own_files(today(), files)
    if request.check:
        return RulesAnswer(cases=(*shipped_cases(), *own), version=version())
    of_study = request.study is not None and request.country is None
    dated = bool(request.since or request.calendar or of_study)
    if request.country is None and not of_study:
        raise InputError("rules.calendar_of_what" if dated else "rules.which_country")
    answer = (_rule_changes if dated else _rules_on_day)(request, laws, on)
    wrong = tuple(Caution("rules.warn_case", {"case": c.name}) for c in own if not c.ok)
    return replace(answer, version=version(), cautions=(*answer.cautions, *wrong))


def _rules_on_day(request: RulesRequest, laws: Rules, on: date) -> RulesAnswer:
    """The law of a day."""
    country, origin = country_code(request.country or ""), request.origin
    matter = Matter(country, on, request.code, origin)
    in_force, unsaid = law_of(laws, matter, open_warehouse(request.warehouse))
    cautions, required = [*unsaid], None
    if country != ORIGIN:  # China's law here is its export refund
        regime = laws.rulebook.regime(country)
        required = requirements_of(request.code or "", regime.importer, on)
        if origin in regime.destinations:  # no duty there, whatever the law says
            names = {"origin": country_name(origin), "destination": country_name(country)}
            cautions.append(Caution("landed.same_union", names))
    # lines of a tariff without a first day hold on every day, and say nothing of that one
    if all(held.kind in ("duty", "list", "group", "defence") for held in in_force):
        cautions.append(Caution("rules.warn_none_yet", {"day": str(on)}))
    cautions += age_cautions((held.use for held in in_force), on)
    return RulesAnswer(
        country, origin, on, rules=in_force, requirements=required, cautions=tuple(cautions)
    )


def _rule_changes(request: RulesRequest, laws: Rules, on: date) -> RulesAnswer:
    """What changed between two days, or what will: for a country, a code, a study."""
    if request.since is not None and request.calendar:
        raise InputError("rules.since_or_calendar")
    if request.since is not None and request.since >= on:
        raise InputError("rules.one_stretch", since=request.since, day=on)
    matters = _study_matters(request, laws)
    if not matters:
        matters = [Matter(request.country or "", on, request.code, request.origin)]
        if not is_refund(matters[0]):
            laws.rulebook.regime(matters[0].country)
    tariffs = Tariffs(open_warehouse(request.warehouse))
    days = (on, None) if request.since is None else (request.since, on)
    changes = legal_changes(laws, matters, tariffs, *days)
    return RulesAnswer(request.country, request.origin, on, request.since, changes=changes)


def _study_matters(request: RulesRequest, laws: Rules) -> list[Matter]:
    """The goods of the study in its markets, or in one; a code that is named is in their place."""
    if request.study is None:
        return []
    every = study_matters(read_study(Path(request.study)), laws)
    here = (matter for matter in every if request.country in (None, matter.country))
    return [*dict.fromkeys(replace(m, code=request.code) if request.code else m for m in here)]


def register() -> tuple[Registered, ...]:
    """How well the rules of each importer in the package are known, and how many were looked at."""
    return registered_in(today().rulebook)
