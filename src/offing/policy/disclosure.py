"""Sums over firms that give no firm away (统计保密): cells of under three firms are never seen.

What firms hand in is added up in **groups**: entries that are always counted together, of three
firms or more. A cell of a market and a heading with three firms is a group; what is left of a
market is one where it has three firms; what is left of all markets likewise; the rest waits. Every
sum that is ever published counts each group whole or not at all, also in later runs, when new
firms come in groups of their own. Any sum or difference of such sums has one coefficient for all
entries of a group, so that it rests on three firms at least or is nothing.

Three firms are a rule of statistical offices (threshold rule: Hundepool and others, *Statistical
Disclosure Control*, 2012, ch. 4) and no promise of anonymity: one firm may be most of a sum.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offing.terms.errors import InputError, Where
from offing.terms.messages import join_list
from offing.terms.whole_file import write_text

COUNTED = "counted.txt"
"""Of a folder: what its runs have counted."""
LEAST = 3
"""Firms of a group."""
Place = tuple[str, str]
"""A market, alpha-3, and a heading; empty where it is merged."""


@dataclass(frozen=True)
class FirmEntry:
    """What one firm has in one cell.

    Attributes:
        firm: its name.
        market: alpha-3.
        heading: of four digits.
        value: that is added up.
    """

    firm: str
    market: str
    heading: str
    value: float

    @property
    def key(self) -> tuple[str, str, str]:
        """Firm, market and heading."""
        return self.firm, self.market, self.heading


@dataclass(frozen=True)
class Group:
    """Entries that are counted together.

    Attributes:
        place: where their sum is shown.
        keys: firm, market and heading of each.
    """

    place: Place
    keys: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class PublishedSum:
    """A sum that may be seen.

    Attributes:
        market: alpha-3; empty of all other markets together.
        heading: of four digits; empty of a market's other headings together.
        firms: whose entries are in it.
        value: their sum.
    """

    market: str
    heading: str
    firms: int
    value: float


def group_entries(entries: Iterable[FirmEntry], groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups so far, and those that new entries make.

    Args:
        entries: of all firms; a key once.
        groups: of earlier publications.
    """
    counted = {key for group in groups for key in group.keys}
    left = [entry.key for entry in entries if entry.key not in counted]
    found = list(groups)
    for merge in (lambda m, h: (m, h), lambda m, _: (m, ""), lambda _m, _h: ("", "")):
        places: dict[Place, list[tuple[str, str, str]]] = defaultdict(list)
        for key in left:
            places[merge(key[1], key[2])].append(key)
        left = []
        for place, keys in sorted(places.items()):
            if len({firm for firm, _, _ in keys}) >= LEAST:
                found.append(Group(place, tuple(sorted(keys))))
            else:
                left += keys
    return tuple(found)


def publish_sums(entries: Iterable[FirmEntry], groups: Iterable[Group]) -> tuple[PublishedSum, ...]:
    """The sums of all places, the largest first; what waits is in none."""
    values = {entry.key: entry.value for entry in entries}
    keys: dict[Place, list[tuple[str, str, str]]] = defaultdict(list)
    for group in groups:
        keys[group.place] += group.keys
    sums = (
        PublishedSum(*place, len({key[0] for key in of}), sum(values[key] for key in of))
        for place, of in keys.items()
    )
    return tuple(sorted(sums, key=lambda one: (-one.value, one.market, one.heading)))


def least_firms(sums: Iterable[PublishedSum]) -> int:
    """How many firms are in some sums at least: those of the sum with the most.

    All of them are not counted, since that would tell how many firms two sums have in common.
    """
    return max((one.firms for one in sums), default=0)


def count_groups(
    folder: Path, seals: Mapping[str, str], entries: Mapping[str, Sequence[FirmEntry]]
) -> dict[str, tuple[Group, ...]]:
    """The groups of each measure, with those of earlier runs of the folder, which it keeps.

    Args:
        folder: of the answers.
        seals: firm → checksum of its answer.
        entries: measure → entries of all firms.

    Raises:
        InputError: ``firms.changed`` where an answer that was counted is another one or gone, or
            ``firms.bad_state`` where what was counted cannot be read.
        StorageError: ``cli.disk``.
    """
    file = folder / COUNTED
    known, before = _counted_before(file)
    if moved := sorted(firm for firm, seal in known.items() if seals.get(firm) != seal):
        raise InputError("firms.changed", where=Where(file), firms=join_list(moved[:8]))
    found = {name: group_entries(of, before.get(name, ())) for name, of in entries.items()}
    firms = {key[0] for groups in found.values() for group in groups for key in group.keys}
    kept = {
        "firms": {firm: seals[firm] for firm in sorted(firms)},
        "groups": {n: [[g.place, g.keys] for g in groups] for n, groups in found.items()},
    }
    write_text(file, json.dumps(kept, ensure_ascii=False))
    return found


def _counted_before(file: Path) -> tuple[dict[str, str], dict[str, list[Group]]]:
    """Firm → checksum of its answer, and the groups of each measure."""
    try:
        state = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        known = {str(firm): str(seal) for firm, seal in state.get("firms", {}).items()}
        groups = {
            measure: list(map(_group, rows)) for measure, rows in state.get("groups", {}).items()
        }
    except (OSError, ValueError, AttributeError, LookupError, TypeError) as error:
        raise InputError("firms.bad_state", where=Where(file)) from error
    return known, groups


def _group(written: Sequence[Any]) -> Group:
    (market, heading), keys = written
    return Group((market, heading), tuple((firm, m, h) for firm, m, h in keys))
