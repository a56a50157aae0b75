"""How often the search by words has the right six digits first, and among five.

``python -m benchmarks.code_names`` asks the names of ``goods_names.csv``: written before the search
was, their codes from knowledge; the two rates were seen while methods were chosen, no miss was.
``python -m benchmarks.code_names FILE.json`` asks another list, name → code (of six digits
or more), such as the search references of the United Kingdom's tariff (Open Government Licence;
``reference_data/search_references.json`` of trade-tariff/trade-tariff-lambdas-fpo-search): its
halves are told by a hash of the name, and the second was held back while the first was tuned on.
"""

import csv
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from offing.api.codes import index_of
from offing.terms.products import nomenclature
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder

OWN = Path(__file__).parent / "goods_names.csv"


def own_names() -> list[tuple[str, str]]:
    """The names of our own list with their codes."""
    lines = (line for line in OWN.read_text().splitlines() if not line.startswith("#"))
    return [(row["name"], row["code"]) for row in csv.DictReader(lines)]


def rates(names: Iterable[tuple[str, str]]) -> tuple[int, float, float]:
    """How many names were asked, the share right first, and the share right among five."""
    index = index_of(Warehouse(starter_folder(), is_starter=True))
    places = []
    for name, code in names:
        found = index.ranked(name)[:5]
        places.append(found.index(code) if code in found else None)
    first, five = (sum(p is not None and p < most for p in places) for most in (1, 5))
    return len(places), first / len(places), five / len(places)


def _half(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2


def main() -> None:
    """Print a row for each list."""
    lists = {OWN.name: own_names()}
    for file in map(Path, sys.argv[1:]):
        whole = [(name, code[:6]) for name, code in json.loads(file.read_text()).items()]
        known = [(name, code) for name, code in sorted(whole) if code in nomenclature()]
        for half, told in enumerate(("tuned on", "held back")):
            lists[f"{file.name}, {told}"] = [one for one in known if _half(one[0]) == half]
    for label, names in lists.items():
        count, first, five = rates(names)
        print(f"{label}: {count} names, right first {first:.1%}, among five {five:.1%}")


if __name__ == "__main__":
    main()
