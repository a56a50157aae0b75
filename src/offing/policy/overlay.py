"""All rules that a figure may rest on, and a reform laid over them at once.

A reform file names rules of several rooms: importers' charges and rates, tariff lines, the Chinese
refund, settlement, exchange rates. :func:`under` lays each part where it belongs; a name that no
room knows is refused with the nearest one.

The user's own rule files and packs are laid over today's rules first. A file with ``[regime]`` is
an importer's whole law and stands beside or instead of the one that comes with the package; one
with ``[reform]`` has single values, also of the Chinese refund and of settlement. A folder is a
pack, see :mod:`offing.rules.packs`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from offing.landed.explain import Worked, solve_regime_cases
from offing.refunds.rates import reformed_rates
from offing.refunds.rules import DatedRate, dated_rates
from offing.refunds.rules import cases as refund_cases
from offing.rules.duty import share_of
from offing.rules.duty_text import duty_of_user
from offing.rules.packs import read_pack
from offing.rules.reform import Reform, ValueCase, apply_reform, check_known, is_reform, read_reform
from offing.rules.regime_file import add_files, read_regime, shipped
from offing.rules.rule_use import REFUND, SETTLEMENT, RuleUse, the_one
from offing.rules.rulebook import Rulebook
from offing.settlement import defaults as settlement
from offing.settlement.defaults import reform_defaults
from offing.terms.caution import Caution
from offing.terms.errors import OffingError, RuleError, Where
from offing.terms.exchange import FxTable, shift_rates
from offing.terms.messages import join_list
from offing.terms.money import exact
from offing.terms.usual_figures import usual_bounds


@dataclass(frozen=True)
class Rules:
    """What holds: today's rules, or today's with reforms laid over them.

    ``exchange`` is currency → change of its value against all others.
    """

    rulebook: Rulebook
    refund_rates: tuple[DatedRate, ...]
    settlement: settlement.Defaults
    exchange: dict[str, Decimal] = field(default_factory=dict)
    reforms: tuple[str, ...] = ()

    def fx(self, table: FxTable) -> FxTable:
        """A day's exchange rates under these rules."""
        return shift_rates(table, self.exchange)


def today() -> Rules:
    """The rules that come with the package."""
    return Rules(shipped(), dated_rates(), settlement.shipped())


def under(rules: Rules, reform: Reform) -> Rules:
    """The rules under a reform. One that changes nothing changes nothing.

    Raises:
        InputError: ``landed.unknown_rule`` or ``errors.unknown_name`` with the nearest name.
        RuleError: two rules would hold on one day.
    """
    book = apply_reform(rules.rulebook, reform)
    check_known(book, reform)
    exchange = dict(rules.exchange)
    for move in reform.exchange:
        before = exchange.get(move.currency, Decimal(0))
        exchange[move.currency] = (1 + before) * (1 + move.change) - 1
    return replace(
        rules,
        rulebook=book,
        refund_rates=reformed_rates(reform, rules.refund_rates),
        settlement=reform_defaults(rules.settlement, reform),
        exchange=exchange,
        reforms=(*rules.reforms, reform.name),
    )


def unused_reforms(reforms: Sequence[Reform], uses: Iterable[RuleUse]) -> list[Caution]:
    """What to say of reforms on whose rates none of these figures rest: another market's or day's.

    A figure may rest on a rule that the reform changes from a later day on. Reforms that end a rule
    or move a currency are not judged: what is gone leaves no trace.
    """
    used = {use.id for use in uses if use.status == "user"}
    return [
        Caution("landed.warn_reform_unused", {"name": reform.name, "ids": join_list(reform.ids)})
        for reform in reforms
        if reform.ids
        and used.isdisjoint(reform.ids)
        and not (reform.closes or reform.exchange or reform.frameworks)
    ]


def doubtful(reforms: Sequence[Reform]) -> Iterator[Caution]:
    """What to ask of reforms, though each can be computed: a per cent sign or a point is wrong.

    Duties above all of the value, currencies that move by more than half.
    """
    for reform in reforms:
        for duty in reform.rates:
            share = share_of(duty.duty)
            if share is not None and share > usual_bounds()["duty"][1]:
                said = f"{(share * 100).normalize():f}%"
                yield Caution("policy.warn_duty", {"id": duty.id, "duty": said})
        for each in reform.exchange:
            if abs(each.change) > LARGEST_CHANGE:
                change = f"{(each.change * 100).normalize():+f}%"
                yield Caution("policy.warn_exchange", {"currency": each.currency, "change": change})


LARGEST_CHANGE = Decimal("0.5")
"""Of a currency; 97 % may have been meant for a loss of 3 %."""


def apply_reforms(rules: Rules, reforms: Sequence[Reform]) -> Rules:
    """The rules under several reforms, one after the other.

    Raises:
        InputError, RuleError: see :func:`under`.
    """
    for reform in reforms:
        rules = under(rules, reform)
    return rules


def laws_with(paths: Sequence[Path]) -> Rules:
    """Today's rules with the user's files over them, of which every worked case holds.

    Raises:
        InputError: a file or a pack that cannot be used.
        RuleError: ``rules.case_wrong`` with the file, the case and what the rules give.
    """
    rules, cases = rules_with_own_files(today(), paths)
    wrong = next((case for case in cases if not case.ok), None)
    if wrong is not None:
        figures = {"expected": figures_text(wrong.expected), "got": figures_text(wrong.got)}
        raise RuleError("rules.case_wrong", where=wrong.where, case=wrong.name, **figures)
    return rules


def rules_with_own_files(rules: Rules, paths: Sequence[Path]) -> tuple[Rules, tuple[Worked, ...]]:
    """Rules with the user's files over them, and the files' worked cases, whether they hold or not.

    Raises:
        InputError, RuleError: see :func:`laws_with`.
    """
    files = files_of(paths)
    importers = [path for path in files if not is_reform(path)]
    rules = replace(rules, rulebook=add_files(rules.rulebook, importers))
    read = [read_reform(path) for path in files if path not in importers]
    for values in read:
        rules = under(rules, values)
    mine = [read_regime(path)[0].importer for path in importers]
    regimes = [rules.rulebook.regimes[name] for name in dict.fromkeys(mine)]
    cases = solve_regime_cases(rules.rulebook, regimes)
    return rules, (*cases, *(_solve_case(rules, case) for values in read for case in values.cases))


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The rule files that are meant: a folder stands for the files of its pack."""
    files: list[Path] = []
    for path in paths:
        files += read_pack(path).files if path.is_dir() else [path]
    return files


def shipped_cases() -> tuple[Worked, ...]:
    """Every worked case of the files that come with the package, and of plug-ins."""
    rules = today()
    cases = solve_regime_cases(rules.rulebook, rules.rulebook.regimes.values())
    return (*cases, *(_solve_case(rules, case) for case in refund_cases()))


def figures_text(figures: Mapping[str, object] | str) -> str:
    """Figures of a case, or why there are none, in a row."""
    if isinstance(figures, str):
        return figures.split("\n")[0]
    return ", ".join(f"{name} = {value}" for name, value in figures.items())


def _solve_case(rules: Rules, case: ValueCase) -> Worked:
    expected = _plain(case.expected)
    try:
        got: dict[str, object] | str = {case.id: _plain(_value(rules, case))}
    except OffingError as error:
        got = str(error)
    return Worked(case.name, case.where or Where(), {case.id: expected}, got, case.source)


def _value(rules: Rules, case: ValueCase) -> str:
    """What a rule comes to on the case's day."""
    if case.id.startswith(REFUND):
        rate = the_one(rules.refund_rates, case.id, case.on)
        return "cancelled" if rate.cancelled else str(rate.refund_rate)
    if case.id.startswith(SETTLEMENT):
        return str(the_one(rules.settlement.figures, case.id, case.on).value)
    return str(rules.rulebook.rate(case.id, case.on).duty)


def _plain(text: str) -> object:
    """A value as one number where it is one: ``13%``, ``0.13`` and ``0.130`` are the same."""
    with suppress(OffingError):
        duty = duty_of_user(text)
        share = share_of(duty)
        return str(duty) if share is None else share.normalize()
    with suppress(OffingError):
        return exact(text).normalize()  # an amount above one
    return text
