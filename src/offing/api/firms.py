"""A province's firms on one page (全省企业), from what each has handed in."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from math import floor, fsum
from pathlib import Path
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
    LEAST,
    FirmEntry,
    PublishedSum,
    count_kinds,
    group_entries,
    is_rest_hidden,
    least_firms,
    publish_sums,
)
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.messages import join_list
from offing.terms.plain import values_of
from offing.terms.text import firm_key

if TYPE_CHECKING:
    from offing.api.fairs import FairLine, FairsAnswer
    from offing.study.firm_exposure import Exposure, Measure
    from offing.study.share import Batches, ShareLine
    from offing.terms.caution import Caution

    AskedFigures = tuple[
        int | None, float | None, tuple[str, ...], tuple[str, ...], tuple[str, ...]
    ]

STUDY = ("result.json", "study.toml")
"""Of a folder that is a whole study."""
MEASURES = ("sales", "unclaimed", "wanted", "size", "support")
"""Of which sums are shown by place or by word."""


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
        province: its name, with which the page begins.
        origin: of the firms' goods.
        on: the day; that of the newest answer where left out.
    """

    folder: Annotated[Path, Asked("firms.help_folder", name="FOLDER")]
    asked: Annotated[Path | None, Asked("firms.help_asked")] = None
    stress: Annotated[Words, Asked("policy.help_stress", kind=str | None)] = None
    reform: Annotated[Path | str | None, Asked("firms.help_reform", kind=Path | None)] = None
    fairs: Annotated[Path | str | None, Asked("fairs.help_fairs", kind=Path | None)] = None
    budget: Annotated[Amount, Asked("fairs.help_budget")] = None
    province: Annotated[str, Asked("firms.help_province")] = ""
    origin: Annotated[Country, Asked("province.help_origin")] = "CHN"
    on: Annotated[date | None, Asked("evidence.help_on")] = None
    warehouse: WarehouseIn = None


@dataclass(frozen=True)
class FirmsAnswer(Answer):
    """A province's firms. What is shown of their answers is made of totals of three of them and
    more, also by subtraction and between runs (:mod:`offing.policy.disclosure`).

    Attributes:
        province: its name, where it was given.
        answered: firms that answered.
        waiting: of these, new ones that are not counted before three are new.
        on: the latest month's day that three of the firms counted have; ``None`` where none are.
        asked: firms that were asked; ``None`` without a list of them.
        exports_share: of their exports, of those counted at least, rounded down to per cents;
            ``None`` where it is not told.
        silent: firms that were asked and have not answered.
        unlisted: firms that answered and were not asked.
        unvalued: firms that were asked and whose exports the list does not say, where it says some.
        unsold: answers that do not say their sales, at least.
        sums: ``sales`` and ``unclaimed`` in USD, ``wanted`` in firms, by market and heading;
            ``size`` and ``support`` in firms, by word: the sums that may be seen.
        few_sizes: whether sizes are not told, since one or two firms are of the sizes left over.
        firms: measure → firms in its sums, at least.
        cover: places wanted whose cover may be told; of these, those without a credit limit and
            those of firms that do not say. ``None`` where none may.
        exposures: what each shock, and the reform, touches of the sums of sales.
        programme: of fairs under the budget; ``None`` where no catalogue was given.
        fairs: of its catalogue, each with the firms that want to sell its goods in its markets at
            least; ``None`` where fewer than three can be told.
        spare: mean share of hours that nothing is planned for; ``None`` where it is not told.
        unreadable: files that do not count, and firms whose answer is no more what was counted.
        others: files of the folder that are no answers.
    """

    province: str
    answered: int
    waiting: int
    on: date | None
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
    programme: "FairsAnswer | None"
    fairs: "tuple[tuple[FairLine, int | None], ...]"
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
        names = (
            "province", "answered", "waiting", "on", "asked", "exports_share", "silent", "unlisted",
            "unvalued", "unsold", "sums", "few_sizes", "firms", "cover", "exposures", "spare",
            "others", "cautions",
        )  # fmt: skip
        money = ("budget", "cost", "brings", "low80", "high80")
        return {
            **values_of(self, *names),
            "fairs": [asdict(line) | {"applicants": most} for line, most in self.fairs],
            "programme": values_of(self.programme, *money),
            "unreadable": [error.found for error in self.unreadable],
        }


@question(FirmsRequest)
def firms(request: FirmsRequest) -> FirmsAnswer:
    """Add up what firms handed in: each sum, and each difference of sums, is of three or more.

    Answers are counted once three are new, and entries in groups of three firms and more that stay
    together in every later run: see :mod:`offing.policy.disclosure`. What was counted is kept in
    the folder (``counted.txt``) and stands: a firm that changes its answer or takes it back
    afterwards is named.

    Raises:
        InputError: ``firms.no_folder``, ``firms.a_file``, ``firms.none``, ``firms.budget_alone``,
            ``firms.bad_state``, or the table of firms asked, a shock, the reform or the catalogue
            cannot be read.
        StorageError: the folder cannot be written.

    Example::

        offing.firms("answers").sums["sales"]
    """
    from offing.study.share import count_answers, keep_counted

    lines, unreadable, others = _read(request.folder)
    batches = count_answers(request.folder, lines.values())
    counted = {line.key: line for batch in batches for line in batch}
    everyone = {**lines, **counted}
    if not everyone:
        told = " ".join(dict.fromkeys(error.found for error in unreadable[:5]))
        count, where = len(unreadable), Where(request.folder)
        raise InputError("firms.none", where=where, count=count, told=told)
    days = sorted(line.on for line in (counted or lines).values())
    on = request.on or days[-min(LEAST, len(days))]
    tried, programme = _measures(request, on), _programme(request)
    seals = {firm: line.seal for firm, line in lines.items()}
    if changed := [line.name for line in counted.values() if seals.get(line.key) != line.seal]:
        where, names = Where(request.folder), join_list(changed, 8)
        unreadable.append(InputError("firms.changed", where=where, firms=names))
    unreadable += programme.quarantined if programme else ()
    asked = _read_asked(request.asked, everyone.values(), batches)
    groups = {
        name: group_entries([e for line in of for e in line.entries(name)] for of in batches)
        for name in (*MEASURES, "unsold", "spare")
    }
    working, kinds = sum(group.firms for group in groups["spare"]), count_kinds(groups["wanted"])
    sums = {name: publish_sums(groups[name]) for name in MEASURES}
    # Each firm has a size, and says its sales or not: what is left of all answers would be seen.
    few = {name: is_rest_hidden(len(counted), groups[name]) for name in ("size", "unsold")}
    sums["size"] = () if few["size"] else sums["size"]
    answer = FirmsAnswer(
        request.province, len(everyone), len(everyone) - len(counted),
        on if counted else None, *asked,
        (not few["unsold"]) * sum(group.firms for group in groups["unsold"]), sums,
        few["size"], {name: least_firms(of) for name, of in sums.items()},
        (kinds.total(), kinds["bare"], kinds["silent"]) if kinds else None,
        tuple(_exposures(request, tried, sums["sales"])), programme,
        tuple(_fairs(programme, sums["wanted"])),
        fsum(group.value for group in groups["spare"]) / working if working else None,
        tuple(unreadable), others, put_aside=len(unreadable),
        cautions=_cautions(programme),
    )  # fmt: skip
    keep_counted(request.folder, batches)
    return answer


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
    request: FirmsRequest, measures: "Sequence[Measure]", sums: Sequence[PublishedSum]
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


def _cautions(programme: "FairsAnswer | None") -> "tuple[Caution, ...]":
    """Those of the catalogue; what only :func:`offing.fairs` can be given is not asked for."""
    told = programme.cautions if programme else ()
    return tuple(one for one in told if one.key not in ("fairs.no_exports", "fairs.no_firms"))


def _programme(request: FirmsRequest) -> "FairsAnswer | None":
    """The fairs under the budget, whoever applies."""
    if request.fairs is None:
        if request.budget is not None:
            raise InputError("firms.budget_alone")
        return None
    from offing.api.fairs import fairs

    return fairs(request.fairs, request.budget, on=request.on, warehouse=request.warehouse)


def _fairs(
    programme: "FairsAnswer | None", sums: Sequence[PublishedSum]
) -> "Iterator[tuple[FairLine, int | None]]":
    """How many firms want to sell a fair's goods in its markets at least, where that is told."""
    from offing.planning.fairs import segments_of

    for line in programme.lines if programme else ():
        wanted = {(market, code) for code, market in segments_of(line.products, line.markets)}
        most = least_firms(one for one in sums if (one.market, one.heading) in wanted)
        yield line, most or None


def _read(folder: Path) -> "tuple[dict[str, ShareLine], list[OffingError], int]":
    """The newest answer of each firm, what cannot be read, and how many files are no answers."""
    from offing.study.share import COUNTED, read_result, read_share

    if not folder.is_dir():
        key = "firms.a_file" if folder.is_file() else "firms.no_folder"
        raise InputError(key, where=Where(folder), folder=folder)
    answers: dict[str, dict[str, ShareLine]] = defaultdict(dict)
    bad: list[OffingError] = []
    others = 0
    for file in sorted(folder.iterdir()):
        whole = any((file / name).is_file() for name in STUDY)
        if not whole and (file.is_dir() or file.suffix != ".json"):
            others += file.name != COUNTED
            continue
        try:
            line = read_result(file) if whole else read_share(file)
            answers[line.key][file.name] = line
        except InputError as error:
            bad.append(error)
    newest = {firm: _newest_answer(folder, files, bad) for firm, files in answers.items()}
    return {firm: line for firm, line in newest.items() if line is not None}, bad, others


def _newest_answer(
    folder: Path, files: "Mapping[str, ShareLine]", bad: "list[OffingError]"
) -> "ShareLine | None":
    """A firm's answer that counts, and what is said of the others; none of two of one day."""
    line = max(files.values(), key=lambda one: one.on)
    newest = {
        name: replace(one, firm="", name_en="").seal
        for name, one in files.items()
        if one.on == line.on
    }
    clear = len({*newest.values()}) == 1
    if len(files) > 1:
        values = {"firm": line.firm, "count": len(files), "on": line.on}
        key = "firms.twice" if clear else "firms.unclear"
        bad.append(InputError(key, where=Where(folder), **values, files=join_list(newest)))
    return line if clear else None


def _read_asked(
    file: Path | None, lines: "Collection[ShareLine]", batches: "Batches"
) -> "AskedFigures":
    """How many were asked, the share of exports of who is counted; who is silent, who answered
    without being asked, and of whom no exports are known.
    """
    if file is None:
        return None, None, (), (), ()
    from offing.sources.fairs import read_asked_firms

    exports = read_asked_firms(file)
    listed = {firm_key(name): name for name in exports}
    answered = {key for line in lines for key in line.keys}
    unlisted = sorted(line.name for line in lines if listed.keys().isdisjoint(line.keys))
    silent = sorted(name for key, name in listed.items() if key not in answered)
    usd = {key: exports[name] for key, name in listed.items()}
    blank = [listed[key] for key, value in usd.items() if value is None]
    share = None if blank else _exports_share(usd, batches)
    unvalued = tuple(blank) if len(blank) < len(usd) else ()
    return len(usd), share, tuple(silent), tuple(unlisted), unvalued


def _exports_share(usd: "Mapping[str, Decimal | None]", batches: "Batches") -> float | None:
    """The share of exports of firms that are counted, where it tells of no firm by subtraction."""
    listed = [[(line.key, next(filter(usd.get, line.keys), "")) for line in of] for of in batches]
    groups = group_entries(
        [FirmEntry(firm, "", "", float(usd[name] or 0)) for firm, name in of if name]
        for of in listed
    )
    whole = float(sum(filter(None, usd.values())))
    firms = sum(value != 0 for value in usd.values())
    hidden = not groups or not whole or is_rest_hidden(firms, groups)
    # More digits would tell of a firm to who knows the list.
    return None if hidden else floor(100 * fsum(g.value for g in groups) / whole + 1e-9) / 100
