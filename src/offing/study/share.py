"""What a firm hands in to its trade office (企业填报): no cost, no price, no buyer.

Codes at four digits, sales by market in rounded dollars, markets wanted, preferences not claimed,
spare capacity, support asked for. The file is sealed with a checksum of its own content, so that a
line edited by hand is found; that is no protection against who computes it anew.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any, get_args

from offing.planning.plan import Plan, PlanDecision
from offing.policy.disclosure import FirmEntry
from offing.study.plan import StudyPlan
from offing.study.result import from_json
from offing.terms.countries import all_countries
from offing.terms.errors import InputError, Where
from offing.terms.firm_records import FirmSize
from offing.terms.messages import language

FORMAT = "offing-share-1"
DIGITS = 2
"""Significant digits of dollars."""


@dataclass(frozen=True)
class ShareLine:
    """One firm's answer.

    Attributes:
        firm: its name.
        size: its class; ``None`` where it is not said.
        on: the day of its study.
        sales: heading, market, USD of the last twelve months, rounded.
        wanted: heading and market of entries and pilots that its plan has.
        unclaimed: heading, market, USD of duty a year, whether the agreement's duty is known.
        spare: share of its lines' hours that nothing is planned for.
        support: what it asks for, in its own words.
        cover: markets in which an insurer has given it a credit limit; ``None`` where it does not
            say.
    """

    firm: str
    size: FirmSize | None
    on: date
    sales: tuple[tuple[str, str, float], ...]
    wanted: tuple[tuple[str, str], ...]
    unclaimed: tuple[tuple[str, str, float, bool], ...]
    spare: float
    support: tuple[str, ...]
    cover: tuple[str, ...] | None = None

    def data(self) -> dict[str, Any]:
        """As it is written, sealed."""
        content = {"format": FORMAT, **asdict(self), "on": self.on.isoformat()}
        content = json.loads(json.dumps(content))
        return {**content, "seal": _seal(content)}

    @property
    def seal(self) -> str:
        """Of its content."""
        return str(self.data()["seal"])

    @property
    def file_name(self) -> str:
        """Of its file: the firm's name without signs that no system could keep."""
        return re.sub(r"[^\w-]+", "-", self.firm).strip("-")[:60] or "firm"

    def entries(self, measure: str) -> Iterator[FirmEntry]:
        """What it adds to the sums of a measure: ``sales``, ``unclaimed``, ``wanted``, ``size`` or
        ``support``; the last two by words in place of markets. Of ``bare``, what it wants without
        a credit limit, and of ``silent``, what it wants and does not say so of.
        """
        if measure == "sales":
            yield from (FirmEntry(self.firm, market, h, usd) for h, market, usd in self.sales)
        elif measure in ("wanted", "bare", "silent"):
            for heading, market in self.wanted:
                yield FirmEntry(self.firm, market, heading, self._wants(measure, market))
        elif measure == "unclaimed":
            sums: dict[tuple[str, str], float] = defaultdict(float)
            for heading, market, usd, _ in self.unclaimed:
                sums[market, heading] += usd
            yield from (FirmEntry(self.firm, *place, usd) for place, usd in sums.items())
        else:
            words = self.support if measure == "support" else (self.size or "",)
            yield from (FirmEntry(self.firm, word, "", 1.0) for word in dict.fromkeys(words))

    def _wants(self, measure: str, market: str) -> float:
        told = self.cover is not None
        is_bare = told and market not in (self.cover or ())
        return float({"wanted": True, "bare": is_bare, "silent": not told}[measure])


def _seal(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def share_line(
    planned: StudyPlan,
    size: FirmSize | None = None,
    support: Sequence[str] = (),
    cover: Sequence[str] | None = None,
) -> ShareLine:
    """The answer that follows from a plan."""
    study = planned.world.study
    name = study.firm.name.zh if language() == "zh" else study.firm.name.en
    codes = {product.key: product.imports.facts.code for product in planned.products}
    line = _line(name, study.on, codes, planned.plan, planned.decided)
    told = None if cover is None else tuple(dict.fromkeys(cover))
    return replace(line, size=size, support=tuple(support), cover=told)


def read_result(folder: Path) -> ShareLine:
    """The answer of a firm that hands in its whole study: the folder that ``offing run`` wrote.

    Its name is the Chinese one, so that a folder counts it once in every language.

    Raises:
        InputError: ``firms.unreadable``; ``firms.not_run`` of a study without its results.
    """
    file = folder / "result.json"
    if not file.is_file():
        raise InputError("firms.not_run", where=Where(folder), folder=folder.name)
    try:
        result = from_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        shown = f"{file.parent.name}/{file.name}"
        raise InputError("firms.unreadable", where=Where(file), file=shown) from error
    codes = {product.product: product.code for product in result.products}
    return _line(result.firm.name_zh, result.on, codes, result.plan, result.decided)


def _line(
    name: str, on: date, codes: Mapping[str, str], plan: Plan, decided: PlanDecision
) -> ShareLine:
    headings = {model: code[:4] for model, code in codes.items()}
    sales: dict[tuple[str, str], float] = defaultdict(float)
    unclaimed: dict[tuple[str, str, bool], float] = defaultdict(float)
    for row in plan.rows:
        sales[headings[row.product], row.market] += row.sales_now_usd
    for one in decided.preferences:
        known = one.duty_claimed is not None
        unclaimed[headings[one.product], one.market, known] += one.saved_usd
    used = plan.capacity_used
    spare = 1 - sum(share for _, share in used) / len(used) if used else 1.0
    return ShareLine(
        firm=name,
        size=None,
        on=on,
        sales=tuple((*key, _two_digits(usd)) for key, usd in sorted(sales.items()) if usd > 0),
        wanted=_wanted_markets(decided, headings),
        unclaimed=tuple(
            (heading, market, _two_digits(usd), known)
            for (heading, market, known), usd in sorted(unclaimed.items())
        ),
        spare=round(max(spare, 0.0), 2),
        support=(),
    )


def _wanted_markets(
    decided: PlanDecision, headings: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Heading and market of entries that are made, and of pilots."""
    made = {(move.product, move.market) for move in decided.moves if move.kind == "enter"}
    return tuple(sorted({(headings[model], market) for model, market in {*made, *decided.pilots}}))


def _two_digits(usd: float) -> float:
    return float(f"{usd:.{DIGITS}g}")


def read_share(file: Path) -> ShareLine:
    """A firm's answer.

    Raises:
        InputError: ``firms.unreadable`` where it is none, ``firms.edited`` where its seal is not
            that of its content.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        seal = content.pop("seal")
        if content.get("format") != FORMAT:
            raise InputError("firms.unreadable", where=Where(file), file=file.name)
        if seal != _seal(content):
            raise InputError("firms.edited", where=Where(file), file=file.name)
        line = ShareLine(
            firm=str(content["firm"]),
            size=content["size"],
            on=date.fromisoformat(content["on"]),
            sales=tuple((str(h), str(m), float(usd)) for h, m, usd in content["sales"]),
            wanted=tuple((str(h), str(m)) for h, m in content["wanted"]),
            unclaimed=tuple(
                (str(h), str(m), float(usd), bool(known))
                for h, m, usd, known in content["unclaimed"]
            ),
            spare=float(content["spare"]),
            support=tuple(map(str, content["support"])),
            cover=None if content["cover"] is None else tuple(map(str, content["cover"])),
        )
        if not _can_be(line):
            raise InputError("firms.unreadable", where=Where(file), file=file.name)
        return line
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("firms.unreadable", where=Where(file), file=file.name) from error


def _can_be(line: ShareLine) -> bool:
    """Whether its values are of a firm: a seal can be computed anew."""
    usd = [usd for _, _, usd in line.sales] + [usd for _, _, usd, _ in line.unclaimed]
    places = [*line.wanted, *((heading, market) for heading, market, _ in line.sales)]
    places += [(heading, market) for heading, market, _, _ in line.unclaimed]
    return (
        bool(line.firm.strip())
        and line.size in (None, *get_args(FirmSize))
        and all(isfinite(value) and value >= 0 for value in (*usd, line.spare, 1 - line.spare))
        and all(re.fullmatch(r"\d{4}", heading) for heading, _ in places)
        and {market for _, market in places} <= {*all_countries()}
    )
