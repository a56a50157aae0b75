"""Files of a folder or an archive that are not of the source: passed over, and named."""

from collections.abc import Iterable, Iterator, Sequence

from offing.sources.archive import Given
from offing.sources.columns import Required, Spellings, spelled
from offing.sources.sheet_file import headings
from offing.sources.staging import Staging
from offing.sources.text_file import Belongs
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated


def ours(files: Iterable[Given], staging: Staging, belongs: Belongs) -> Iterator[Given]:
    """The files to read: those the person named, and of a folder or an archive those that belong.

    A file that was named is always read: if it does not fit, its error says why. A table with a
    misspelt column should still belong, so that it is not lost in silence.

    Raises:
        InputError: ``sources.none_ours`` where no file belongs.
    """
    others: list[Given] = []
    read = False
    for file in files:
        if file.named or _belongs(file, belongs):
            read = True
            yield file
        else:
            others.append(file)
    names = enumerated(file.name for file in others)
    if others and not read:
        raise InputError("sources.none_ours", where=Where(others[0].origin.parent), files=names)
    if others:
        staging.note("sources.not_ours", count=len(others), files=names)


def half_of(spellings: Spellings, required: Sequence[Required]) -> Belongs:
    """A table belongs that has at least half of the needed columns."""

    def belongs(header: Sequence[str]) -> bool:
        there = {spelled(heading) for heading in header}
        present = sum(
            any(
                option in there
                for name in ((needed,) if isinstance(needed, str) else needed)
                for option in spellings[name]
            )
            for needed in required
        )
        return 2 * present >= len(required)

    return belongs


def _belongs(file: Given, belongs: Belongs) -> bool:
    try:
        return belongs(headings(file))
    except InputError as error:
        if error.key == "sources.empty":  # may be a year that was cut off
            raise
        return False
