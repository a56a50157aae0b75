"""How many entries of law rest on a document that was looked at: ``python -m tools.acts_read``.

An entry is one of a regime file (``[[charge]]``, ``[[rate]]``, ``[[list]]``, ``[[line]]``,
``[[caution]]`` …; a rate with ``also`` is one) or a row of trade defence. It was looked at where it
says what its document says and on which day somebody looked (``says``, ``still_valid_on``). The
command counts them by importer, beside all, says how far the bar of :data:`BAR` is, and counts the
entries from memory among those that touch most of China's exports: importers stand by what China
sells them (:data:`WEIGHTS`; the export refund touches all), and the first that together take
:data:`MOST` % count.

``--draw 60 --seed 20261130`` lists entries drawn at random, for somebody else to look again; what
came out goes into ``docs/record/law-looks-*.md``.
"""

import argparse
import csv
import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from offing.rules.regime_file import REGIMES
from offing.rules.remedies import FOLDER

BAR, MOST = 450, 75
REFUND = "CHN_REFUND"
WEIGHTS = Path(__file__).resolve().parents[1] / "docs" / "record" / "china-exports-coverage.json"


@dataclass(frozen=True)
class Entry:
    """An entry of law.

    Attributes:
        importer: of its file, ``CHN_REFUND`` for the export refund.
        table: ``rate``, ``charge`` …, or ``defence``.
        name: what it is about.
        document: act, article and where it was read.
        says, looked_on: what the document says and when somebody looked; empty where nobody has.
    """

    importer: str
    table: str
    name: str
    document: str
    status: str
    says: str
    looked_on: str


def entries() -> list[Entry]:
    """Every entry of the shipped files."""
    return [
        *_of_regimes(sorted(REGIMES.glob("*.toml"))),
        *_of_defence(sorted(FOLDER.glob("*.csv"))),
    ]


def _of_regimes(files: Iterable[Path]) -> Iterator[Entry]:
    for file in files:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        for table, rows in tables.items():
            if isinstance(rows, list) and table != "case":
                for row in rows:
                    if isinstance(row, dict):
                        yield _entry(file.stem.upper(), table, row)


NAMES = ("id", "name", "message", "code", "codes", "group", "number")


def _entry(importer: str, table: str, row: dict[str, Any]) -> Entry:
    name = next((str(row[key]) for key in NAMES if key in row), "")
    document = " · ".join(str(row[key]) for key in ("legal", "source") if row.get(key))
    status = str(row.get("status", "illustrative"))
    span = f"{name} [{row.get('since', '…')}, {row.get('until', '…')})"
    day = str(row.get("still_valid_on", ""))
    return Entry(importer, table, span, document, status, str(row.get("says", "")), day)


def _of_defence(files: Iterable[Path]) -> Iterator[Entry]:
    for file in files:
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
            rate = row["residual"] or row["range"]
            says = f"{row['remedy']} {rate}, {row['since']} to {row['until']}"
            yield Entry(
                row["country"], "defence", row["product"], f"{row['document']} · {row['source']}",
                row["status"], says, row["still_valid_on"],
            )  # fmt: skip


def counted(found: Iterable[Entry]) -> dict[str, tuple[int, int]]:
    """Importer → entries that were looked at, all entries."""
    found = list(found)
    whole = Counter(entry.importer for entry in found)
    looked = Counter(entry.importer for entry in found if entry.looked_on)
    return {importer: (looked[importer], whole[importer]) for importer in sorted(whole)}


def weights(record: Path = WEIGHTS) -> dict[str, float]:
    """Importer → percent of China's exports that it takes."""
    by: dict[str, float] = defaultdict(float)
    for row in json.loads(record.read_text(encoding="utf-8"))["destinations"]:
        by[row["importer"]] += row["share"]
    by["EAEU"] = by["RUS"]
    return {importer: share for importer, share in by.items() if importer}


def first_importers(shares: dict[str, float], most: float = MOST) -> list[str]:
    """The importers that together take so much of all exports, the largest first.

    >>> first_importers({"USA": 50, "EUR": 20, "VNM": 10}, 60)
    ['USA', 'EUR']
    """
    first, taken = [], 0.0
    for importer in sorted(shares, key=lambda name: (-shares[name], name)):
        if taken >= most:
            break
        first.append(importer)
        taken += 0 if importer == "EAEU" else shares[importer]
    return first


def drawn(found: Iterable[Entry], size: int, seed: int) -> list[Entry]:
    """Entries that were looked at, drawn at random."""
    looked = sorted((e for e in found if e.looked_on), key=lambda e: (e.importer, e.table, e.name))
    return Random(seed).sample(looked, min(size, len(looked)))


def main() -> None:
    """Print the count, or entries drawn at random."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--draw", type=int, help="how many entries to draw")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = entries()
    if options.draw:
        for n, one in enumerate(drawn(found, options.draw, options.seed), start=1):
            print(f"{n}. {one.importer} {one.table} {one.name}\n   {one.document}")
            print(f"   {one.says} (looked at on {one.looked_on})")
        return
    for importer, (looked, whole) in counted(found).items():
        print(f"{importer:12} {looked:4} of {whole}")
    looked = sum(bool(entry.looked_on) for entry in found)
    print(f"looked at    {looked:4} of {len(found)}; the bar is {BAR}")
    first = {REFUND, *first_importers(weights())}
    near = [entry for entry in found if entry.importer in first]
    memory = sum(entry.status == "recalled" for entry in near)
    print(
        f"from memory  {memory:4} of {len(near)} entries of the {len(first) - 1} importers that "
        f"take {MOST} % of China's exports, and of its refund: {', '.join(sorted(first))}"
    )


if __name__ == "__main__":
    main()
