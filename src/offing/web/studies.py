"""A user's studies: folders with a ``study.toml``, found by name and never by a path.

No text of a request becomes a path: a name is looked up among the folders that are there, and a
new folder or file gets a name that is made here.
"""

import re
import shutil
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from offing.study.file import Study, read_study
from offing.study.inputs import must_run
from offing.terms.errors import InputError, MissingDataError, OffingError
from offing.terms.limits import parse_toml
from offing.terms.messages import language
from offing.terms.whole_file import write_text
from offing.warehouse import Warehouse
from offing.web.settings import OWNER, Settings
from offing.web.uploads import DEVICES

FILE = "study.toml"
VERSIONS = "versions"
KEPT = 50
"""Versions that are kept of a study file."""
BESIDE = (".toml", ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")
"""Endings of what a study may name."""


@dataclass(frozen=True)
class StudyPlace:
    """Where a study lies.

    Attributes:
        name: in addresses.
        file: the TOML file.
        results: the folder of its results.
        kept: whether it is one of the workbench's own, which may be changed here.
    """

    name: str
    file: Path
    results: Path
    kept: bool = True

    @property
    def folder(self) -> Path:
        """The folder of the study file, with the files that it names."""
        return self.file.parent

    def files(self) -> list[Path]:
        """The study file, and the tables and rule files that lie beside it."""
        beside = [f for f in sorted(self.folder.iterdir()) if f.suffix in BESIDE and f.is_file()]
        return [self.file, *(file for file in beside if file != self.file)]

    def read(self) -> Study:
        """The study, checked; kept while its file stays as it is.

        Raises:
            InputError: as :func:`offing.study.file.read_study`.
        """
        return _read(self.file, self._stamp)

    def must_run(
        self, warehouse: Warehouse, changed: Collection[str] = ()
    ) -> Callable[[Study], None]:
        """What refuses a study that its own figures would let no plan be made of.

        What was wrong before a change and is at none of its places does not hinder it; nor do
        rates that are not loaded.
        """

        def refusal(study: Study) -> InputError | None:
            try:
                must_run(study, self.file, warehouse)
            except InputError as error:
                return error
            except OffingError:
                pass
            return None

        def check(study: Study) -> None:
            if (error := refusal(study)) is None:
                return
            here = error.where is not None and error.where.key in changed
            if here or not self.file.is_file() or refusal(self.read()) is None:
                raise error

        return check

    @property
    def _stamp(self) -> tuple[int, ...]:
        """What is another one when the file changes."""
        seen = self.file.stat() if self.file.is_file() else None
        return () if seen is None else (seen.st_mtime_ns, seen.st_size, seen.st_ino)

    @property
    def title(self) -> str:
        """Its title, without a check of all the rest; its name where there is none."""
        try:
            title = _title(self.file, self._stamp)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            return self.name
        title = title.get(language()) if isinstance(title, dict) else title
        return self.name if title is None else str(title)


@lru_cache(maxsize=64)
def _title(file: Path, _: tuple[int, ...]) -> object:
    return parse_toml(file.read_text("utf-8")).get("title")


@lru_cache(maxsize=64)
def _read(file: Path, _: tuple[int, ...]) -> Study:
    return read_study(file)


class Studies:
    """The studies of all users of a workbench."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def home(self, user: str) -> Path:
        """The user's folder; the name comes from a session that we signed."""
        folder = self._settings.home / "users" / user
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def of(self, user: str) -> list[StudyPlace]:
        """A user's studies: the one the workbench was opened with, then by name."""
        return [*self._open_studies(user), *self._stored_studies(user)]

    def named(self, user: str, name: str) -> StudyPlace:
        """One of a user's studies.

        Raises:
            MissingDataError: ``web.no_study`` where the user has none of that name.
        """
        for place in self.of(user):
            if place.name == name:
                return place
        raise MissingDataError("web.no_study", name=name[:60])

    def meant(self, user: str, *, needed: bool) -> StudyPlace | None:
        """The study of an address that names none: the one the workbench was opened with.

        Of a page that needs one it is else the only one that the user has.
        """
        opened = next(self._open_studies(user), None)
        if opened is not None or not needed:
            return opened
        own = self.of(user)
        return own[0] if len(own) == 1 else None

    def new(self, user: str, title: str) -> StudyPlace:
        """A new folder for a study, named after its title; nothing is in it yet."""
        base = slug(title) or "study"
        names, number, name = {place.name for place in self.of(user)}, 2, base
        while name in names:
            name, number = f"{base}-{number}", number + 1
        folder = self.home(user) / "studies" / name
        folder.mkdir(parents=True)
        return self._place(folder)

    def begun(self, user: str) -> StudyPlace:
        """Where a user's ledger waits that a study is begun from; there is no study file yet."""
        return self._place(self.home(user) / "begun")

    def rewrite(
        self, place: StudyPlace, text: str, must_hold: Callable[[Study], None] = lambda _: None
    ) -> None:
        """Put another text in the place of a study file, in one step, if it is a study.

        The version before is kept beside it, for :meth:`undo`.

        Raises:
            InputError: as :func:`offing.study.file.read_study`, or of ``must_hold``; then the old
                one stays.
        """

        def check(fresh: Path) -> None:
            try:
                must_hold(read_study(fresh))
            except InputError as error:
                if error.where is not None:
                    error.where = replace(error.where, file=FILE)
                raise
            self._keep_version(place)

        write_text(place.file, text, check)

    def _keep_version(self, place: StudyPlace) -> None:
        if not place.file.exists():
            return
        versions = self.versions(place)
        number = int(versions[-1].stem) + 1 if versions else 1
        folder = place.folder / VERSIONS
        folder.mkdir(exist_ok=True, mode=0o700)
        shutil.copyfile(place.file, folder / f"{number:06}.toml")
        for old in versions[: len(versions) + 1 - KEPT]:
            old.unlink()

    def versions(self, place: StudyPlace) -> list[Path]:
        """The versions of a study file before this one, the oldest first."""
        return sorted((place.folder / VERSIONS).glob("*.toml"))

    def undo(self, place: StudyPlace) -> None:
        """Bring back the version before the last change, which is gone then.

        Raises:
            MissingDataError: ``web.nothing_to_undo``.
        """
        versions = self.versions(place)
        if not versions:
            raise MissingDataError("web.nothing_to_undo")
        versions[-1].replace(place.file)

    def fetch_beside(self, user: str, place: StudyPlace, name: str) -> None:
        """Copy a file that a study names from another study of the same user, if one has it.

        So a study that was downloaded and is opened again finds its ledger. Names that are given
        here carry a sign of the content.
        """
        for other in self.of(user):
            for file in other.files():
                if file.name == name and not (place.folder / name).exists():
                    shutil.copyfile(file, place.folder / name)

    def remove(self, place: StudyPlace) -> None:
        """Remove a study of the workbench's own with all that belongs to it."""
        if place.kept:
            shutil.rmtree(place.folder)

    def _stored_studies(self, user: str) -> Iterator[StudyPlace]:
        folder = self.home(user) / "studies"
        for file in sorted(folder.glob(f"*/{FILE}")):
            yield self._place(file.parent)

    def _place(self, folder: Path) -> StudyPlace:
        return StudyPlace(folder.name, folder / FILE, folder / "results")

    def _open_studies(self, user: str) -> Iterator[StudyPlace]:
        opened, first = self._settings.study, next(iter(self._settings.users), OWNER)
        if opened is not None and user == first:
            file = (opened / FILE if opened.is_dir() else opened).absolute()
            name = slug(file.parent.name if file.name == FILE else file.stem) or "study"
            results = self.home(user) / "opened" / name
            yield StudyPlace(name, file, results, kept=False)


def slug(text: str) -> str:
    """A text as the name of a folder: letters of any script, digits and hyphens.

    >>> slug("Where to sell? / ../x")
    'where-to-sell-x'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    name = re.sub(r"[^\w]+|_+", "-", plain).strip("-")[:40].strip("-")
    return f"{name}-1" if name in DEVICES else name
