"""The user's own rule files and packs, laid over today's rules, and their worked cases computed.

A file with ``[regime]`` is an importer's whole law and stands beside or instead of the one that
comes with the package; one with ``[reform]`` has single values, also of the Chinese refund and of
settlement. A folder is a pack, see :mod:`offing.rules.packs`.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from offing.landed.worked import Worked, worked
from offing.policy.overlay import Rules, today, under
from offing.refunds.rules import cases as refund_cases
from offing.rules.dated import REFUND, SETTLEMENT, the_one
from offing.rules.duty import share_of
from offing.rules.duty_text import duty_of_user
from offing.rules.packs import read_pack
from offing.rules.reform import ValueCase, is_reform, read_reform
from offing.rules.regime_file import read_regime, with_files
from offing.terms.errors import OffingError, RuleError, Where
from offing.terms.money import exact


def laws_with(paths: Sequence[Path], key: Path | None = None) -> Rules:
    """Today's rules with the user's files over them, of which every worked case holds.

    ``key`` is the file of the key that packs are signed with.

    Raises:
        InputError: a file or a pack that cannot be used.
        RuleError: ``rules.case_wrong`` with the file, the case and what the rules give.
    """
    rules, cases = with_own(today(), paths, key)
    wrong = next((case for case in cases if not case.ok), None)
    if wrong is not None:
        raise RuleError(
            "rules.case_wrong",
            where=wrong.where,
            case=wrong.name,
            expected=written(wrong.expected),
            got=written(wrong.got),
        )
    return rules


def with_own(
    rules: Rules, paths: Sequence[Path], key: Path | None = None
) -> tuple[Rules, tuple[Worked, ...]]:
    """Rules with the user's files over them, and the files' worked cases, whether they hold or not.

    Raises:
        InputError, RuleError: see :func:`laws_with`.
    """
    files = files_of(paths, key)
    importers = [path for path in files if not is_reform(path)]
    rules = replace(rules, rulebook=with_files(rules.rulebook, importers))
    read = [read_reform(path) for path in files if path not in importers]
    for values in read:
        rules = under(rules, values)
    mine = [read_regime(path)[0].importer for path in importers]
    regimes = [rules.rulebook.regimes[name] for name in dict.fromkeys(mine)]
    cases = worked(rules.rulebook, regimes)
    return rules, (*cases, *(_worked(rules, case) for values in read for case in values.cases))


def files_of(paths: Sequence[Path], key: Path | None = None) -> list[Path]:
    """The rule files that are meant: a folder stands for the files of its pack."""
    files: list[Path] = []
    for path in paths:
        files += read_pack(path, key).files if path.is_dir() else [path]
    return files


def shipped_cases() -> tuple[Worked, ...]:
    """Every worked case of the files that come with the package, and of plug-ins."""
    rules = today()
    cases = worked(rules.rulebook, rules.rulebook.regimes.values())
    return (*cases, *(_worked(rules, case) for case in refund_cases()))


def written(figures: Mapping[str, object] | str) -> str:
    """Figures of a case, or why there are none, in a row."""
    if isinstance(figures, str):
        return figures.split("\n")[0]
    return ", ".join(f"{name} = {value}" for name, value in figures.items())


def _worked(rules: Rules, case: ValueCase) -> Worked:
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
