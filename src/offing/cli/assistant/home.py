"""What an assistant may ask of: fixed by who starts it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated

STUDY = "study.toml"


@dataclass(frozen=True)
class Home:
    """The files behind the tools.

    Attributes:
        warehouse: its folder; the user's own, else the starter world, where ``None``.
        studies: the file of each study, by the name that it is asked for by.
        rules: rule files and packs of one's own.
        rules_key: that packs are signed with.
    """

    warehouse: Path | None = None
    studies: Mapping[str, Path] = field(default_factory=dict)
    rules: tuple[Path, ...] = ()
    rules_key: Path | None = None

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders that are said by their last name only: where they lie is nobody's business."""
        named = [path.resolve().parent for path in self.studies.values()]
        warehouse = [] if self.warehouse is None else [self.warehouse.resolve()]
        return tuple(sorted({*named, *warehouse, Path.cwd(), Path.home()}, key=_deepest))


def _deepest(folder: Path) -> int:
    return -len(str(folder))


def named(paths: Sequence[Path]) -> dict[str, Path]:
    """Studies by name: that of the folder of a ``study.toml``, else of the file.

    Raises:
        InputError: ``assistant.no_study`` where there is no file, ``assistant.same_name`` where two
            would have one name.

    >>> named([])
    {}
    """
    studies: dict[str, Path] = {}
    for path in paths:
        file = path / STUDY if path.is_dir() else path
        if not file.is_file():
            raise InputError("assistant.no_study", where=Where(file), path=path)
        name = file.resolve().parent.name if file.name == STUDY else file.stem
        if name in studies:
            both = enumerated((studies[name], file))
            raise InputError("assistant.same_name", name=name, files=both)
        studies[name] = file
    return studies
