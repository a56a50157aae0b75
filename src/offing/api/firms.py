"""A province's firms on one page (全省企业), from what each has handed in."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    Country,
    WarehouseIn,
    Words,
    open_warehouse,
    parts,
    question,
)
from offing.api.typed import Amount
from offing.policy.disclosure import (
    COUNTED,
    LEAST,
    FirmEntry,
    Group,
    PublishedSum,
    count_groups,
    least_firms,
    publish_sums,
)
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.plain import values_of

if TYPE_CHECKING:
    from offing.api.fairs import FairLine
    from offing.study.firm_exposure import Exposure, Measure
    from offing.study.share import ShareLine

STUDY = ("result.json", "study.toml")
"""Of a folder that is a whole study."""
MEASURES = ("sales", "unclaimed", "wanted", "size", "support")


@dataclass(frozen=True)
class FirmsRequest:
    """What do the firms of a province sell where, want, and leave unclaimed?

    Attributes:
        folder: of the files that ``offing share`` wrote, one a firm; and of folders that ``offing
            run`` wrote, where firms hand in their whole study.
        asked: a table of the firms that were asked: ``firm``, and ``exports_usd`` where known.
        stress: shocks that are tried on what they sell, by name or file.
        reform: a file of rules that is tried on it.
        fairs: a catalogue, as :func:`offing.fairs` reads it, and ``budget``: which are supported,
            and for which more firms apply than there are places.
        origin: of the firms' goods.
        on: the day; that of the newest answer where left out.
    """

    folder: Annotated[Path, Asked("firms.help_folder", name="FOLDER")]
    asked: Annotated[Path | None, Asked("firms.help_asked")] = None
    stress: Annotated[Words, Asked("policy.help_stress", kind=str | None)] = None
    reform: Annotated[Path | str | None, Asked("firms.help_reform", kind=Path | None)] = None
    fairs: Annotated[Path | str | None, Asked("fairs.help_fairs", kind=Path | None)] = None
    budget: Annotated[Amount, Asked("fairs.help_budget")] = None
    origin: Annotated[Country, Asked("province.help_origin")] = "CHN"
    on: Annotated[date | None, Asked("evidence.help_on")] = None
    warehouse: WarehouseIn = None


@dataclass(frozen=True)
class FairDemand:
    """A fair under the budget, and the firms that want to sell its goods in its markets.

    ``places`` is ``None`` of a fair without evidence; ``applicants`` where fewer than three firms
    can be told.
    """

    fair: str
    markets: tuple[str, ...]
    places: int | None
    applicants: int | None

    @property
    def crowded(self) -> bool:
        """Whether lots are to be drawn."""
        return (self.applicants or 0) > (self.places or 0) > 0


@dataclass(frozen=True)
class FirmsAnswer(Answer):
    """A province's firms. No sum rests on fewer than three of them, also by subtraction.

    Attributes:
        answered: firms whose answer counts.
        asked: firms that were asked; ``None`` without a list of them.
        exports_share: of their exports, of those who answered; ``None`` where it is not known.
        silent: firms that were asked and have not answered.
        unlisted: firms that answered and were not asked.
        unvalued: firms that were asked and whose exports the list does not say, where it says some.
        unsold: answers that do not say their sales.
        sums: ``sales`` and ``unclaimed`` in USD, ``wanted`` in firms, by market and heading;
            ``size`` and ``support`` in firms, by word: the sums that may be seen.
        few_sizes: whether sizes are not told, since too few firms are of the sizes left over.
        firms: measure → firms in its sums, at least.
        cover: places wanted, in the sums; to five, those without a credit limit and those of firms
            that do not say. ``None`` where a kind is of fewer than three firms.
        exposures: what each shock, and the reform, touches of the sums of sales.
        fairs: under the budget; none where no catalogue was given.
        spare: mean share of hours that nothing is planned for; ``None`` of under three firms.
        unreadable: files that do not count, with the reason.
        others: files of the folder that are no answers.
    """

    answered: int
    asked: int | None
    exports_share: float | None
    silent: tuple[str, ...]
    unlisted: tuple[str, ...]
    unvalued: tuple[str, ...]
    unsold: int
    sums: dict[str, tuple[PublishedSum, ...]]
    few_sizes: bool
    firms: dict[str, int]
    cover: tuple[int, int, int] | None
    exposures: "tuple[Exposure, ...]"
    fairs: tuple[FairDemand, ...]
    spare: float | None
    unreadable: tuple[OffingError, ...]
    others: int

    @property
    def table(self) -> Any:
        """Every sum that may be seen: measure, market, heading, firms, value; what a shock or the
        reform touches is a row of its name.
        """
        rows = [{"measure": name} | vars(one) for name, of in self.sums.items() for one in of]
        rows += [
            {"measure": one.name, "market": "", "heading": "", "firms": one.firms,
             "value": one.touched}
            for one in self.exposures
        ]  # fmt: skip
        columns = {"measure": pl.String, "market": pl.String, "heading": pl.String,
                   "firms": pl.Int64, "value": pl.Float64}  # fmt: skip
        return self.as_given(pl.DataFrame(rows, schema=columns))

    def data(self) -> dict[str, Any]:
        """All that may be seen; ``null`` is what is not known."""
        names = ("answered", "asked", "exports_share", "silent", "unlisted", "unvalued", "unsold")
        unreadable = [error.found for error in self.unreadable]
        return {
            **values_of(self, *names, "sums", "few_sizes", "firms", "cover"),
            **values_of(self, "exposures", "fairs", "spare", "others"),
            "unreadable": unreadable,
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
        InputError: ``firms.no_folder``, ``firms.a_file``, ``firms.none``, ``firms.budget_alone``,
            ``firms.changed``, or the table of firms asked, a shock, the reform or the catalogue
            cannot be read.
        StorageError: the folder cannot be written.

    Example::

        offing.firms("answers").sums["sales"]
    """
    if request.folder.is_file():
        raise InputError("firms.a_file", where=Where(request.folder), folder=request.folder)
    if not request.folder.is_dir():
        raise InputError("firms.no_folder", where=Where(request.folder), folder=request.folder)
    lines, unreadable, others = _read(request.folder)
    if not lines:
        raise InputError("firms.none", where=Where(request.folder), count=len(unreadable))
    on = request.on or max(line.on for line in lines)
    tried, programme = _measures(request, on), _programme(request, on)
    asked = _read_asked(request.asked, lines)
    groups, sums, few_sizes = _add_lines(request.folder, lines)
    spare = [line.spare for line in lines if line.spare is not None]
    return FirmsAnswer(
        len(lines), *asked, sum(line.sales is None for line in lines), sums, few_sizes,
        {name: least_firms(of) for name, of in sums.items()},
        _cover(lines, groups["wanted"]), tuple(_exposures(request, tried, sums["sales"])),
        tuple(_fairs(programme, sums["wanted"])),
        round(20 * fmean(spare)) / 20 if len(spare) >= LEAST else None,
        tuple(unreadable), others, put_aside=len(unreadable),
    )  # fmt: skip


Sums = tuple[dict[str, tuple[Group, ...]], dict[str, tuple[PublishedSum, ...]], bool]


def _add_lines(folder: Path, lines: "Sequence[ShareLine]") -> Sums:
    """By measure: the groups, with those of earlier runs, their sums; are sizes hidden?"""
    entries = {name: [e for line in lines for e in line.entries(name)] for name in MEASURES}
    groups = count_groups(folder, {line.firm: line.seal for line in lines}, entries)
    sums = {name: publish_sums(of, groups[name]) for name, of in entries.items()}
    # Each firm has a size: the rest of all answers would be seen.
    if few_sizes := 0 < _count_left(entries["size"], groups["size"]) < LEAST:
        sums["size"] = ()
    return groups, sums, few_sizes


def _measures(request: FirmsRequest, on: date) -> "list[Measure]":
    """The shocks and the reform that are asked for; read before anything is counted."""
    if request.stress is None and request.reform is None:
        return []
    from offing.policy.overlay import today
    from offing.policy.shock_file import named_shocks
    from offing.rules.reform import read_reform
    from offing.study.firm_exposure import measure_of_reform, measure_of_shock

    laws = today()
    shocks = named_shocks(parts(request.stress or ()))
    found = [measure_of_shock(shock, laws, request.origin) for shock in shocks]
    if request.reform is not None:
        found.append(measure_of_reform(read_reform(Path(request.reform)), laws, on))
    return found


def _exposures(
    request: FirmsRequest,
    measures: "Sequence[Measure]",
    sums: Sequence[PublishedSum],
) -> "Iterator[Exposure]":
    if not measures:
        return
    from offing.forecast.province import CountryTrade
    from offing.study.firm_exposure import exposure, latest_flows

    trade = CountryTrade(open_warehouse(request.warehouse), None)

    def flows(heading: str) -> Any:
        rows = trade.flows(heading)
        return None if rows is None else latest_flows(rows)

    for measure in measures:
        yield exposure(measure, measure.touched(sums), request.origin, flows)


def _cover(lines: "Sequence[ShareLine]", groups: Sequence[Group]) -> tuple[int, int, int] | None:
    """Places wanted, and of these about how many are without a limit, and of firms that are silent.

    Nothing where any kind is of fewer than three firms, since the rest would tell; to five, since
    the firm that came between two runs would else be told.
    """
    wanted = {key for group in groups for key in group.keys}
    bare, silent = (
        wanted & {entry.key for line in lines for entry in line.entries(of) if entry.value}
        for of in ("bare", "silent")
    )
    few = [
        of for of in (bare, silent, wanted - bare - silent) if 0 < len({k[0] for k in of}) < LEAST
    ]
    if few or not wanted:
        return None
    return len(wanted), 5 * round(len(bare) / 5), 5 * round(len(silent) / 5)


def _programme(request: FirmsRequest, on: date) -> "Sequence[FairLine]":
    """The fairs under the budget, whoever applies."""
    if request.fairs is None:
        if request.budget is not None:
            raise InputError("firms.budget_alone")
        return ()
    from offing.api.fairs import fairs

    return fairs(request.fairs, request.budget, on=on, warehouse=request.warehouse).lines


def _fairs(lines: "Sequence[FairLine]", sums: Sequence[PublishedSum]) -> Iterator[FairDemand]:
    """How many firms want to sell a fair's goods in its markets at least, where that is told."""
    from offing.planning.fairs import segments_of

    for line in lines:
        wanted = {(market, code) for code, market in segments_of(line.products, line.markets)}
        places = None if line.effect is None else line.places
        most = least_firms(one for one in sums if (one.market, one.heading) in wanted)
        yield FairDemand(line.fair, line.markets, places, most or None)


def _count_left(entries: Iterable[FirmEntry], groups: Iterable[Group]) -> int:
    """Firms of which some cell is in no sum."""
    shown = {key for group in groups for key in group.keys}
    return len({entry.firm for entry in entries if entry.key not in shown})


def _read(folder: Path) -> "tuple[list[ShareLine], list[OffingError], int]":
    """The newest answer of each firm, what cannot be read, and how many files are no answers."""
    from offing.study.share import read_result, read_share

    found: dict[str, ShareLine] = {}
    bad: list[OffingError] = []
    others = 0
    for file in sorted(folder.iterdir()):
        whole = any((file / name).is_file() for name in STUDY)
        if not whole and (file.is_dir() or file.suffix != ".json"):
            others += file.name != COUNTED
            continue
        try:
            line = read_result(file) if whole else read_share(file)
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


def _read_asked(
    file: Path | None, lines: "Sequence[ShareLine]"
) -> tuple[int | None, float | None, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """How many were asked, the share of exports of who answered; who is silent, who answered
    without being asked, and of whom no exports are known.
    """
    if file is None:
        return None, None, (), (), ()
    from offing.sources.fairs import read_asked_firms

    usd = {firm.name: firm.exports for firm in read_asked_firms(file)}
    names = {name for line in lines for name in line.names}
    share, blank = _exports_share(usd, names)
    unlisted = sorted(line.name for line in lines if usd.keys().isdisjoint(line.names))
    return len(usd), share, tuple(sorted(usd.keys() - names)), tuple(unlisted), blank


def _exports_share(
    usd: dict[str, Decimal | None], names: Collection[str]
) -> tuple[float | None, tuple[str, ...]]:
    """The share of exports that some firms have; without it the firms whose exports are not known,
    unless no firm's are.
    """
    blank = tuple(name for name, value in usd.items() if value is None)
    if blank:
        return None, blank if len(blank) < len(usd) else ()
    whole = sum(filter(None, usd.values()))
    part = sum(value for name, value in usd.items() if value and name in names)
    return float(part / whole) if whole else None, ()
