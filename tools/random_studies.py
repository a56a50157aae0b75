"""Random studies on random data: ``python -m tools.random_studies --seed 1 --count 60``.

The TV maker's study with some of its models, another day and horizon, other markets, with its
ledger, without it or with one of other years, on made-up trade that is long, old, of one year or
importer, has gaps, or no quantities: what exporters load. A question ends with an answer or a
sentence; anything else is a fault, kept with its traceback. Exit code 1 where there was one.
"""

import argparse
import random
import re
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

import offing
from offing.terms.errors import OffingError
from offing.warehouse import load

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "tv-maker"
CLOSED = (
    "CAN", "CHN", "CZE", "DEU", "FRA", "GBR", "HKG", "HUN", "IND", "ITA", "JPN", "KOR", "MEX",
    "MYS", "NLD", "POL", "THA", "USA", "VNM",
)  # fmt: skip
DAYS = ("2020-06-30", "2023-12-31", "2024-12-31", "2026-11-27")
ASKED = ("run", "run", "plan", "target", "price", "whatif", "stress")


@dataclass(frozen=True)
class Made:
    """Made-up trade: its years, importers and headings, and what is not in it."""

    years: tuple[int, ...]
    importers: tuple[str, ...] = CLOSED
    products: tuple[str, ...] = ("8528", "8507", "8516")
    quantities: bool = True
    missing: float = 0.1


WORLDS = {
    "starter": None,
    "long": Made(tuple(range(2008, 2025))),
    "one importer": Made(tuple(range(2010, 2025)), ("USA",)),
    "one year": Made((2024,)),
    "two years": Made((2022, 2023)),
    "old": Made(tuple(range(2005, 2016))),
    "no quantities": Made(tuple(range(2012, 2025)), quantities=False),
    "gaps": Made((2010, 2011, 2014, 2015, 2016, 2019, 2020, 2023, 2024), missing=0.5),
    "one product": Made(tuple(range(2010, 2025)), products=("8528",)),
}


def flows(world: Made) -> pl.DataFrame:
    """Flows that walk at random about a trend of their own."""
    rng, rows = np.random.default_rng(1), []
    for product in world.products:
        for pair in ((i, j) for i in CLOSED for j in world.importers if i != j):
            level, trend, price = rng.normal(16, 2.5), rng.normal(0.01, 0.03), rng.lognormal(5, 0.6)
            for year in world.years:
                level += trend + rng.normal(0, 0.25)
                if rng.random() >= world.missing:
                    value = float(np.exp(level))
                    rows.append((*pair, product, year, value, value / price))
    names = ["exporter", "importer", "product", "year", "value_usd", "items"]
    table = pl.DataFrame(rows, schema=names, orient="row")
    return table if world.quantities else table.drop("items")


def study(chance: random.Random, folder: Path) -> tuple[list[str], str]:
    """Write a study and its ledger; which models it has, and what it is."""
    head, *models = re.split(
        r"(?=^\[\[model\]\])", (EXAMPLE / "study.toml").read_text("utf-8"), flags=re.M
    )
    at = models[-1].index("[[plant]]")
    models[-1], rest = models[-1][:at], models[-1][at:]
    some = chance.sample(models, chance.choice([1, 2, 2, 3]))
    keys = [_key(model) for model in some]
    text = head + "".join(some) + _plants(rest, keys)
    day, horizon = chance.choice(DAYS), chance.choice([1, 2, 3, 5])
    text = re.sub(r"(?m)^on = \S+", f"on = {day}", text)
    text = re.sub(r"(?m)^horizon = \d", f"horizon = {horizon}", text)
    text = re.sub(r"(?m)^(worst_twentieth_cny|must_keep) = .*$", "", text)
    if chance.random() < 0.4:
        named = chance.sample([*CLOSED, "BRA", "ZAF", "NGA"], chance.choice([1, 3, 6]))
        text = re.sub(r"(?m)^consider = .*$", f"consider = {named}".replace("'", '"'), text)
    kind, later = chance.choice(
        [("its ledger", 0), ("its ledger", 0), ("later ledger", 2), ("no ledger", None)]
    )
    if later is None:
        text = re.sub(r"(?ms)^\[ledger\].*?(?=^\[|\Z)", "", text)
        text = re.sub(r"(?m)^ledger = .*$", "", text)
    else:
        ledger = (EXAMPLE / "ledger.csv").read_text("utf-8")
        moved = re.sub(r",(20\d\d)-", lambda year: f",{int(year[1]) + later}-", ledger)
        (folder / "ledger.csv").write_text(moved, encoding="utf-8")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return keys, f"{', '.join(keys)}; {day}, {horizon} years, {kind}"


def _key(model: str) -> str:
    match = re.search(r'(?m)^(?:key|model) = "(\S+)"', model)
    assert match is not None, model
    return match[1]


def _plants(text: str, keys: list[str]) -> str:
    """The plants, and what they make of these models; the one abroad only where it makes any."""
    plants, rest = text[: text.index("[ledger]")], text[text.index("[ledger]") :]
    home, *tables = re.split(r"(?=^\[\[plant\.(?:makes|preference)\]\])", plants, flags=re.M)
    *makes, preference = tables
    chosen = [make for make in makes if _key(make) in keys]
    if not chosen:
        return home[: home.index("[[plant]] # ILLUSTRATIVE")] + rest
    return "".join([home, *chosen, preference, rest])


def ask(what: str, file: Path, model: str, market: str, warehouse: Path | None) -> None:
    """One question about a study."""
    if what in ("run", "plan"):
        getattr(offing, what)(file, warehouse=warehouse)
    elif what == "target":
        offing.plan(file, target="+20%", warehouse=warehouse)
    elif what == "price":
        offing.price(model, market, study=file, warehouse=warehouse)
    else:
        shocks = "rmb-up-10" if what == "whatif" else "pandemic-2020,us-tariffs-2025"
        offing.whatif(file, stress=shocks, reverse=what == "stress", draws=20, warehouse=warehouse)


def main() -> int:
    """Ask, print a line a question, and count the faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    options, faults, warehouses = parser.parse_args(), 0, dict[str, Path | None]()
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(options.seed, options.seed + options.count):
            chance = random.Random(seed)
            name, what = chance.choice(list(WORLDS)), chance.choice(ASKED)
            if name not in warehouses:
                warehouses[name] = _loaded(Path(scratch) / name.replace(" ", "-"), WORLDS[name])
            folder = Path(scratch) / str(seed)
            folder.mkdir()
            keys, told = study(chance, folder)
            begun = time.monotonic()
            try:
                market = chance.choice(["DEU", "USA", "JPN"])
                ask(what, folder / "study.toml", keys[0], market, warehouses[name])
                end = "answered"
            except OffingError as error:
                end = f"refused: {error.key}"
            except Exception:
                faults += 1
                end = f"FAULT\n{traceback.format_exc()}"
            print(
                f"{seed} {what} on {name}: {told}: {end} ({time.monotonic() - begun:.0f} s)",
                flush=True,
            )
    print(f"seed {options.seed}, {options.count} studies: {faults} faults")
    return 1 if faults else 0


def _loaded(folder: Path, world: Made | None) -> Path | None:
    """A warehouse with made-up trade; ``None`` for the starter world."""
    if world is None:
        return None
    file = folder.with_suffix(".csv")
    flows(world).write_csv(file)
    load("trade-table", [file], folder)
    return folder


if __name__ == "__main__":
    sys.exit(main())
