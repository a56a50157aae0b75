"""The rules under which a study runs: today's, with the study's own files and packs over them."""

from collections.abc import Iterable
from pathlib import Path

from offing.policy.overlay import Rules
from offing.policy.own_rules import files_of, laws_with
from offing.study.file import Study


def laws_of(path: Path, study: Study) -> Rules:
    """The rules of a study; ``rules`` in its file are paths relative to it.

    Raises:
        InputError, RuleError: see :func:`offing.policy.own_rules.laws_with`.
    """
    return laws_with(*own_rules(path, study))


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
