"""Bring a study file to the newest schema, with its comments."""

from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Annotated, Any

from offing.api.asking import Answer, Asked, question
from offing.terms.errors import InputError, Where
from offing.terms.plain import values_of
from offing.terms.whole_file import write_file, write_text


@dataclass(frozen=True)
class UpgradeRequest:
    """Which study file is to be rewritten in the newest schema?

    Attributes:
        in_place: whether the file itself is replaced, with a backup beside it; else the new one is
            written beside it.
    """

    study: Annotated[Path | str, Asked("run.help_study")]
    in_place: Annotated[bool, Asked("study.help_in_place")] = False


@dataclass(frozen=True)
class UpgradeAnswer(Answer):
    """What became of it.

    Attributes:
        file: the study in the newest schema.
        backup: the file as it was; ``None`` where it was not touched.
        changed: whether anything was to be done.
    """

    file: Path
    backup: Path | None
    changed: bool

    def data(self) -> dict[str, Any]:
        """Where the files are."""
        return values_of(self, "file", "backup", "changed")


@question(UpgradeRequest)
def upgrade(request: UpgradeRequest) -> UpgradeAnswer:
    """Rewrite a study in the newest schema; it says the same as before, and keeps its comments.

    Raises:
        InputError: the study cannot be read, ``study.cannot_upgrade`` where it is written in a way
            that cannot be rewritten line by line, ``study.upgrade_there`` where the file to write
            exists already.
        StorageError: ``cli.disk``.
    """
    from offing.sources.text_file import newline_of, read_text
    from offing.study.edit import upgrade_text

    path = Path(request.study)
    path = path / "study.toml" if path.is_dir() else path
    before = read_text(path)
    after = upgrade_text(before, path)
    if after == before:
        return UpgradeAnswer(path, None, changed=False)
    backup = _free(path) if request.in_place else None
    target = path if request.in_place else path.with_name(f"{path.stem}-2{path.suffix}")
    if not request.in_place and target.exists():
        raise InputError("study.upgrade_there", where=Where(path), path=target)
    if backup is not None:
        write_file(backup, lambda ready: copyfile(path, ready))
    write_text(target, after, newline=newline_of(path))
    return UpgradeAnswer(target, backup, changed=True)


def _free(path: Path) -> Path:
    """A name for the backup that no file has."""
    names = (path.with_name(f"{path.name}.bak{number or ''}") for number in range(1000))
    return next(name for name in names if not name.exists())
