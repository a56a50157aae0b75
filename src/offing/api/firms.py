"""A province's firms on one page (全省企业), from what each has handed in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

from offing.api.asking import Answer, Asked, question
from offing.policy.disclosure import (
    COUNTED,
    LEAST,
    FirmEntry,
    Group,
    PublishedSum,
    counted,
    published,
)
from offing.terms.caution import Caution
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.plain import values_of

if TYPE_CHECKING:  # the command's help must not wait for Polars
    from offing.study.share import ShareLine

MEASURES = ("sales", "unclaimed", "wanted", "size", "support")


@dataclass(frozen=True)
class FirmsRequest:
    """What do the firms of a province sell where, want, and leave unclaimed?

    Attributes:
        folder: of the files that ``offing share`` wrote, one a firm.
        asked: a table of the firms that were asked: ``firm``, and ``exports_usd`` where known.
    """

    folder: Annotated[Path, Asked("firms.help_folder", name="FOLDER")]
    asked: Annotated[Path | None, Asked("firms.help_asked")] = None


@dataclass(frozen=True)
class FirmsAnswer(Answer):
    """A province's firms. No sum rests on fewer than three of them, also by subtraction.

    Attributes:
        answered: firms whose answer counts.
        asked: firms that were asked; ``None`` without a list of them.
        exports_share: of their exports, of those who answered; ``None`` where it is not known.
        silent: firms that were asked and have not answered.
        sums: ``sales`` and ``unclaimed`` in USD, ``wanted`` in firms, by market and heading;
            ``size`` and ``support`` in firms, by word: the sums that may be seen.
        waiting: measure → firms of which some cell waits for others.
        spare: median share of hours that nothing is planned for; ``None`` of under three firms.
        unreadable: files that do not count, with the reason.
        others: files of the folder that are no answers.
    """

    answered: int
    asked: int | None
    exports_share: float | None
    silent: tuple[str, ...]
    sums: dict[str, tuple[PublishedSum, ...]]
    waiting: dict[str, int]
    spare: float | None
    unreadable: tuple[OffingError, ...]
    others: int
    cautions: tuple[Caution, ...] = ()

    @property
    def table(self) -> Any:
        """Every sum that may be seen: measure, market, heading, firms, value."""
        import polars as pl

        rows = [{"measure": name} | vars(one) for name, of in self.sums.items() for one in of]
        columns = {"measure": pl.String, "market": pl.String, "heading": pl.String,
                   "firms": pl.Int64, "value": pl.Float64}  # fmt: skip
        return self.as_given(pl.DataFrame(rows, schema=columns))

    def data(self) -> dict[str, Any]:
        """All that may be seen; ``null`` is what is not known."""
        names = ("answered", "asked", "exports_share", "silent", "sums", "waiting")
        unreadable = [error.found for error in self.unreadable]
        return {
            **values_of(self, *names, "spare", "others"), "unreadable": unreadable,
            "cautions": [caution.data() for caution in self.cautions],
        }  # fmt: skip


@question(FirmsRequest)
def firms(request: FirmsRequest) -> FirmsAnswer:
    """Add up what firms handed in, so that no sum gives one of them away.

    Entries are counted in groups of three firms and more, that stay together in every later run:
    see :mod:`offing.policy.disclosure`. What was counted is kept in the folder
    (``counted.txt``), so that two runs give no more away than one; a firm that changed its answer
    or took it back after it was counted stops the next run.

    Raises:
        InputError: ``firms.no_folder``, ``firms.none``, ``firms.changed``, or the table of firms
            asked cannot be read.
        StorageError: the folder cannot be written.

    Example::

        offing.firms("answers").sums["sales"]
    """
    if not request.folder.is_dir():
        raise InputError("firms.no_folder", where=Where(request.folder), folder=request.folder)
    lines, unreadable, others = _read(request.folder)
    if not lines:
        raise InputError("firms.none", where=Where(request.folder), count=len(unreadable))
    entries = {name: [e for line in lines for e in line.entries(name)] for name in MEASURES}
    groups = counted(request.folder, {line.firm: line.seal for line in lines}, entries)
    waiting = {name: _waiting(of, groups[name]) for name, of in entries.items()}
    asked, silent, share = _asked(request.asked, lines)
    return FirmsAnswer(
        len(lines), asked, share, silent,
        {name: published(of, groups[name]) for name, of in entries.items()}, waiting,
        round(20 * median(line.spare for line in lines)) / 20 if len(lines) >= LEAST else None,
        tuple(unreadable), others,
    )  # fmt: skip


def _waiting(entries: Iterable[FirmEntry], groups: Iterable[Group]) -> int:
    """Firms of which some cell is in no sum."""
    shown = {key for group in groups for key in group.keys}
    return len({entry.firm for entry in entries if entry.key not in shown})


def _read(folder: Path) -> "tuple[list[ShareLine], list[OffingError], int]":
    """The newest answer of each firm, what cannot be read, and how many files are no answers."""
    from offing.study.share import read_share

    found: dict[str, ShareLine] = {}
    bad: list[OffingError] = []
    others = 0
    for file in sorted(folder.iterdir()):
        if file.suffix != ".json" or not file.is_file():
            others += file.is_file() and file.name != COUNTED
            continue
        try:
            line = read_share(file)
        except InputError as error:
            bad.append(error)
            continue
        if (other := found.get(line.firm)) is not None:
            first, last = sorted((line, other), key=lambda one: one.on)
            values = {"firm": line.firm, "on": last.on, "before": first.on}
            bad.append(InputError("firms.twice", where=Where(file), **values))
            line = last
        found[line.firm] = line
    return list(found.values()), bad, others


def _asked(
    file: Path | None, lines: "Sequence[ShareLine]"
) -> tuple[int | None, tuple[str, ...], float | None]:
    """How many were asked, who is silent, and the share of exports of who answered."""
    if file is None:
        return None, (), None
    import polars as pl

    from offing.sources.own_table import first_row, must_be_filled, numbers, own_table

    rows, path = own_table(file)
    must_be_filled(rows, path, "firm")
    names = {line.firm for line in lines}
    silent = tuple(sorted({*map(str, rows["firm"])} - names))
    share = None
    if "exports_usd" in rows.columns:
        usd = rows.select(numbers(rows, path, "exports_usd"))["exports_usd"]
        if (below := first_row(rows.with_columns(usd), pl.col("exports_usd") < 0)) is not None:
            where = Where(path, below["row"], "exports_usd")
            raise InputError("firms.below_zero", where=where, value=below["exports_usd"])
        whole = float(usd.sum())
        part = float(usd.filter(rows["firm"].cast(pl.String).is_in([*names])).sum())
        share = part / whole if whole and not usd.null_count() else None
    return rows["firm"].n_unique(), silent, share
