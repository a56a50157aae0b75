"""The rules under which a study runs: today's, with its own files and packs over them."""

from collections.abc import Iterable
from pathlib import Path

from offing.policy.in_force import REFUNDING, Matter
from offing.policy.overlay import Rules, files_of, laws_with
from offing.study.costs import EVERY, importer_of
from offing.study.file import Study


def laws_of(path: Path, study: Study) -> Rules:
    """The rules of a study; ``rules`` in its file are paths relative to it.

    Raises:
        InputError, RuleError: see :func:`offing.policy.overlay.laws_with`.
    """
    return laws_with(*own_rules(path, study))


def study_matters(study: Study, laws: Rules) -> list[Matter]:
    """A study's goods in each of its markets that the rulebook has, and their export refund."""
    named, origin = study.markets.consider, study.firm.origin
    markets = laws.rulebook.destinations() if named == "all" else named
    importers = {m: importer_of(laws.rulebook, m) for m in (*markets, REFUNDING)}
    goods = dict.fromkeys(
        (
            market,
            model.national_codes.get(importer) or model.national_codes.get(EVERY) or model.code,
        )
        for market, importer in importers.items()
        for model in study.model
        if market not in study.markets.leave_out and (market != origin or origin == REFUNDING)
    )
    return [Matter(market, study.on, code, origin) for market, code in goods]


def rule_files(path: Path, study: Study) -> list[Path]:
    """The study's rule files, those of its packs one by one."""
    return files_of(*own_rules(path, study))


def own_rules(path: Path, study: Study) -> tuple[list[Path], Path | None]:
    """The study's files and packs, and the key that the packs are signed with."""
    folder = path if path.is_dir() else path.parent
    key = None if study.rules_key is None else folder / study.rules_key
    return [folder / file for file in study.rules], key


def with_rules(study: Study, files: Iterable[Path] | None, key: Path | None) -> Study:
    """The study with more files, which the command line names relative to the current folder."""
    updates: dict[str, object] = {}
    if files:
        updates["rules"] = [*study.rules, *(file.absolute() for file in files)]
    if key is not None:
        updates["rules_key"] = key.absolute()
    return study.model_copy(update=updates)
