"""What a firm hands in to its trade office (企业填报): no cost, no price, no buyer.

Codes at four digits, sales by market in rounded dollars, markets wanted, preferences not claimed,
spare capacity, support asked for. The file is sealed with a checksum of its own content, so that a
line edited by hand is found; that is no protection against who recomputes it.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from math import inf
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from offing.planning.plan import Plan, PlanDecision, UnclaimedPreference
from offing.policy.disclosure import LEAST, FirmEntry
from offing.study.analysis import ProductAnalysis
from offing.study.inputs import StudyInputs
from offing.study.manifest import sha256_of
from offing.study.plan import StudyPlan, unclaimed_preferences
from offing.study.result import from_json
from offing.terms.countries import all_countries
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.firm_records import FirmSize
from offing.terms.messages import language, room_messages
from offing.terms.text import firm_key
from offing.terms.whole_file import write_text

FORMAT = "offing-share-1"
DIGITS = 2
"""Significant digits of dollars."""
MISSHAPEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading a value that is no answer ends with."""
COUNTED = "counted.txt"
"""Of a folder of answers: what its runs have counted."""


@dataclass(frozen=True)
class ShareLine:
    """One firm's answer.

    Attributes:
        firm: its name, in Chinese whatever language it is shown in: a firm counts once.
        size: its class; ``None`` where it is not said.
        on: the day of its study.
        sales: heading, market, USD of the last twelve months, rounded; ``None`` without a ledger.
        wanted: heading and market of entries and pilots that its plan has.
        unclaimed: heading, market, USD of duty a year, whether the agreement's duty is known.
        spare: share of its lines' hours that nothing is planned for; ``None`` without a plan.
        support: what it asks for, in its own words.
        cover: markets in which an insurer has given it a credit limit; ``None`` where it does not
            say.
        name_en: in English, where that is another.
    """

    firm: str
    size: FirmSize | None
    on: date
    sales: tuple[tuple[str, str, float], ...] | None
    wanted: tuple[tuple[str, str], ...]
    unclaimed: tuple[tuple[str, str, float, bool], ...]
    spare: float | None
    support: tuple[str, ...]
    cover: tuple[str, ...] | None = None
    name_en: str = ""

    def data(self) -> dict[str, Any]:
        """As it is written, sealed."""
        content = {"format": FORMAT, **asdict(self), "on": self.on.isoformat()}
        content = {key: value for key, value in content.items() if key != "name_en" or value}
        content = json.loads(json.dumps(content))
        return {**content, "seal": _seal(content)}

    @property
    def seal(self) -> str:
        """Of its content."""
        return str(self.data()["seal"])

    @property
    def key(self) -> str:
        """Of its name, however brackets, spaces and capitals are written: a firm counts once."""
        return firm_key(self.firm)

    @property
    def names(self) -> tuple[str, ...]:
        """In both languages."""
        return tuple(filter(None, (self.firm, self.name_en)))

    @property
    def keys(self) -> tuple[str, ...]:
        """In both languages."""
        return tuple(map(firm_key, self.names))

    @property
    def name(self) -> str:
        """In the reader's language."""
        return self.names[-1] if language() == "en" else self.firm

    @property
    def file_name(self) -> str:
        """Of its file: the firm's name without signs that no system could keep."""
        return re.sub(r"[^\w-]+", "-", self.firm).strip("-")[:60] or "firm"

    def entries(self, measure: str) -> Iterator[FirmEntry]:
        """What it adds to the numbers of a measure: ``sales``, ``unclaimed``; ``wanted``, by kind
        of its cover; ``size`` and ``support``, by words in place of markets; ``spare``; ``unsold``
        where it does not say its sales.
        """
        amounts = {"sales": self.sales, "unclaimed": self.unclaimed}
        if measure in amounts:
            sums: dict[tuple[str, str], float] = defaultdict(float)
            for heading, market, usd, *_ in amounts[measure] or ():
                sums[market, heading] += usd
            yield from (FirmEntry(self.key, *place, usd) for place, usd in sums.items() if usd)
        elif measure == "wanted":
            for heading, market in self.wanted:
                yield FirmEntry(self.key, market, heading, 1.0, self._cover_of(market))
        elif measure == "spare":
            yield from () if self.spare is None else (FirmEntry(self.key, "", "", self.spare),)
        else:
            words = {"size": (self.size or "",), "support": map(support_kind, self.support),
                     "unsold": ("",) * (self.sales is None)}[measure]  # fmt: skip
            yield from (FirmEntry(self.key, word, "", 1.0) for word in dict.fromkeys(words))

    def _cover_of(self, market: str) -> str:
        return "silent" if self.cover is None else "covered" if market in self.cover else "bare"


def support_kind(text: str) -> str:
    """What is asked for, by its code where it is a usual one in either language."""
    word = text.strip()
    kinds = ("fairs", "insurance")
    said = {kind: room_messages("firms")[f"support_{kind}"].values() for kind in kinds}
    return next((k for k in kinds if word.casefold() in map(str.casefold, said[k])), word)


Batches = tuple[tuple[ShareLine, ...], ...]


def _seal(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def share_line(
    world: StudyInputs,
    products: Sequence[ProductAnalysis],
    planned: StudyPlan | None,
    size: FirmSize | None = None,
    support: Sequence[str] = (),
    cover: Sequence[str] | None = None,
) -> ShareLine:
    """The answer of a study; without a plan nothing is wanted and no hours are known."""
    name = world.study.firm.name
    codes = {product.key: product.imports.facts.code for product in products}
    every = ((one.key, {**one.sales.now, **one.sales.other_markets}) for one in products)
    sold = [(key, place, usd) for key, sales in every for place, usd in sales.items()]
    unclaimed = planned.decided.preferences if planned else unclaimed_preferences(world, products)
    known = None if world.ledger is None else sold
    line = _line((name.zh, name.en), world.study.on, codes, known, unclaimed)
    told = None if cover is None else tuple(dict.fromkeys(cover))
    line = replace(line, size=size, support=tuple(support), cover=told)
    return line if planned is None else _add_plan(line, codes, planned.plan, planned.decided)


def read_result(folder: Path) -> ShareLine:
    """The answer of a firm that hands in its whole study: the folder that ``offing run`` wrote.

    Its name is the Chinese one, so that a folder counts it once in every language.

    Raises:
        InputError: ``firms.unreadable``; ``firms.not_run`` of a study without its results;
            ``firms.edited`` where they are not those of its manifest; ``firms.no_heading`` of sales
            outside its plan of which they do not say the goods.
    """
    file = folder / "result.json"
    if not file.is_file():
        raise InputError("firms.not_run", where=Where(folder), folder=folder.name)
    try:
        written = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if written["result"]["sha256"] != sha256_of(file):
            raise InputError("firms.edited", where=Where(file), file=f"{folder.name}/{file.name}")
        result = from_json(file.read_text(encoding="utf-8"))
        codes = {product.product: product.code for product in result.products}
        firm, decided = result.firm, result.decided
        sold = [(row.product, row.market, row.sales_now_usd) for row in result.plan.rows]
        sold += _sold_beside(result.plan, codes, file)
        known = None if decided.without_sales else sold
        names = firm.name_zh, firm.name_en
        line = _line(names, result.on, codes, known, decided.preferences)
        return _plausible(_add_plan(line, codes, result.plan, decided))
    except InputError:
        raise
    except (OSError, *MISSHAPEN) as error:
        shown = f"{file.parent.name}/{file.name}"
        raise InputError("firms.unreadable", where=Where(file), file=shown) from error


def _sold_beside(
    plan: Plan, codes: Mapping[str, str], file: Path
) -> Iterator[tuple[str, str, float]]:
    """Sales of a result in markets that its plan does not look at: of goods of one heading.

    Raises:
        InputError: ``firms.no_heading`` where there are several.
    """
    beside = [(market, usd) for market, usd in plan.outside if market]
    if beside and len({code[:4] for code in codes.values()}) > 1:
        raise InputError("firms.no_heading", where=Where(file), count=len(beside))
    return ((next(iter(codes)), market, usd) for market, usd in beside)


def _line(
    names: tuple[str, str],
    on: date,
    codes: Mapping[str, str],
    sold: Iterable[tuple[str, str, float]] | None,
    preferences: Iterable[UnclaimedPreference],
) -> ShareLine:
    """An answer without its plan: Chinese and English name, models' codes, ``sold`` by model and
    market.
    """
    sales: dict[tuple[str, str], float] = defaultdict(float)
    unclaimed: dict[tuple[str, str, bool], float] = defaultdict(float)
    for model, market, usd in sold or ():
        sales[codes[model][:4], market] += usd
    for one in preferences:
        unclaimed[codes[one.product][:4], one.market, one.duty_claimed is not None] += one.saved_usd
    told = tuple((*key, _two_digits(usd)) for key, usd in sorted(sales.items()) if usd > 0)
    duties = tuple(
        (heading, market, _two_digits(usd), known)
        for (heading, market, known), usd in sorted(unclaimed.items())
    )
    chinese, english = names
    in_english = "" if english == chinese else english
    sales_usd = None if sold is None else told
    return ShareLine(chinese, None, on, sales_usd, (), duties, None, (), name_en=in_english)


def _add_plan(
    line: ShareLine, codes: Mapping[str, str], plan: Plan, decided: PlanDecision
) -> ShareLine:
    used = plan.capacity_used
    spare = 1 - sum(share for _, share in used) / len(used) if used else 1.0
    made = {(move.product, move.market) for move in decided.moves if move.kind == "enter"}
    wanted = {(codes[model][:4], market) for model, market in {*made, *decided.pilots}}
    return replace(line, wanted=tuple(sorted(wanted)), spare=round(max(spare, 0.0), 2))


def _two_digits(usd: float) -> float:
    return float(f"{usd:.{DIGITS}g}")


def read_share(file: Path) -> ShareLine:
    """A firm's answer.

    Raises:
        InputError: ``firms.unreadable`` where it is none, ``firms.edited`` where its seal is not
            that of its content.
    """
    try:
        return _unsealed_line(json.loads(file.read_text(encoding="utf-8")), file)
    except InputError:
        raise
    except (OSError, *MISSHAPEN) as error:
        raise InputError("firms.unreadable", where=Where(file), file=file.name) from error


def _unsealed_line(content: dict[str, Any], file: Path) -> ShareLine:
    """An answer as it is written, of a file.

    Raises:
        InputError: ``firms.edited``.
        ValueError: or another of ``MISSHAPEN``.
    """
    seal = content.pop("seal")
    if content["format"] != FORMAT:
        raise ValueError(FORMAT)
    if seal != _seal(content):
        raise InputError("firms.edited", where=Where(file), file=file.name)
    return _plausible(TypeAdapter(ShareLine).validate_python(content))


def count_answers(folder: Path, lines: Iterable[ShareLine]) -> Batches:
    """The answers that are counted, in batches: those of earlier runs as they were then, and the
    new ones where they are of three firms (:mod:`offing.policy.disclosure`).

    Raises:
        InputError: ``firms.bad_state`` where what was counted cannot be read.
    """
    file = folder / COUNTED
    try:
        written = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
        batches = tuple(tuple(_unsealed_line(one, file) for one in batch) for batch in written)
    except (OSError, OffingError, *MISSHAPEN) as error:
        raise InputError("firms.bad_state", where=Where(file)) from error
    counted = {line.key for batch in batches for line in batch}
    new = tuple(line for line in lines if line.key not in counted)
    return (*batches, new) if len(new) >= LEAST else batches


def keep_counted(folder: Path, batches: Batches) -> None:
    """Write what is counted into the folder of the answers.

    Raises:
        StorageError: ``cli.disk``.
    """
    if batches:
        content = [[line.data() for line in batch] for batch in batches]
        write_text(folder / COUNTED, json.dumps(content, ensure_ascii=False))


def _plausible(line: ShareLine) -> ShareLine:
    """The line, where its values are of a firm: a seal can be recomputed.

    Raises:
        ValueError: else.
    """
    rows: list[Any] = [*(line.sales or ()), *line.unclaimed]
    spare = line.spare or 0.0
    places = [*line.wanted, *(row[:2] for row in rows)]
    if not (
        line.firm.strip()
        and all(0 <= value < inf for value in (*(row[2] for row in rows), spare, 1 - spare))
        and all(re.fullmatch(r"\d{4}", heading) for heading, _ in places)
        and {market for _, market in places} <= {*all_countries()}
    ):
        raise ValueError(line.firm)
    return replace(line, firm=line.firm.strip(), name_en=line.name_en.strip())
