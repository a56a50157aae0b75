"""Plan planted firms through their files and score the decisions: see the package."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tools.planted_firms import files, knowledge
from tools.planted_firms.world import (
    MARKETS,
    NO_ROOM,
    PRIOR,
    Firm,
    Floats,
    Futures,
    Prior,
    futures,
    plant,
)

DRAWS = 400
ROOM = 0.03
"""A world has room where who knows all parameters gains so much of today's profit."""


def decision_of(plan: Any) -> tuple[dict[int, float | None], dict[str, float]]:
    """What a plan's moves change, as prices by market, and what it promises, CNY a horizon."""
    decided = plan.planned.decided
    changed: dict[int, float | None] = {}
    for move in decided.moves:
        changed[MARKETS.index(move.market)] = move.price_after_usd
    weighed = {
        f"{move.market} {move.kind}": move.chance
        for move in (*decided.moves, *decided.not_yet)
        if move.chance is not None
    }
    return changed, {"promised": decided.gain_cny, **weighed}


def pilots_of(plan: Any) -> dict[int, tuple[float, float, float]]:
    """Market → price, the units below which it stops, and worth, of the pilots of a plan."""
    decided = plan.planned.decided
    moves = {(move.product, move.market): move for move in (*decided.moves, *decided.not_yet)}
    found = {}
    for key in decided.pilots:
        pilot, price = moves[key].pilot, moves[key].price_after_usd
        found[MARKETS.index(key[1])] = price, pilot.go_on_units, pilot.worth_cny
    return found


def trial(
    seed: int, told: float | None = None, *, asks: bool = False, prior: Prior = PRIOR
) -> dict[str, Any]:
    """One world: gains of every planner over going on, CNY over the horizon, on the same futures.

    Args:
        seed: of the world.
        told: the error, in logs, of an elasticity that the study states.
        asks: whether the plan is made again with the elasticity as it is, where it asked for it.
        prior: where the world is drawn from.
    """
    os.environ["OFFING_CACHE"] = ""
    import offing

    rates, cny = files.real_rates()
    firm = plant(seed, rates, float(cny[-1]), prior)
    seen, coming = (
        futures(firm, cny, DRAWS, seed + 10**6),
        futures(firm, cny, DRAWS, seed + 2 * 10**6),
    )
    stated = None
    if told is not None:
        stated = firm.sigma * float(np.exp(told * np.random.default_rng(seed).standard_normal()))
    now = knowledge.earned(firm, coming, {})
    gains: dict[str, Floats] = {}
    for name, decision in {
        "oracle": knowledge.oracle(firm, seen),
        "equal": knowledge.equal_knowledge(
            firm, seen, prior, None if stated is None or told is None else (stated, told)
        ),
        **knowledge.naive(firm),
    }.items():
        gains[name] = knowledge.earned(firm, coming, decision) - now
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        study = files.write(firm, folder, seed, stated)
        offing.load("baci", folder / "trade", warehouse=folder / "w")
        began = time.perf_counter()
        answer = offing.plan(study, warehouse=folder / "w")
        seconds = time.perf_counter() - began
        asked = None
        if asks and told is None:
            asked = _answered(firm, coming, answer, folder, seed)
    decision, figures = decision_of(answer)
    planned = knowledge.earned(firm, coming, decision)
    gains["plan"] = planned - now
    pilots = pilots_of(answer)
    staged = {**decision, **{at: price for at, (price, _, _) in pilots.items()}}
    stops = {at: below for at, (_, below, _) in pilots.items()}
    gains["plan with pilots"] = knowledge.earned(firm, coming, staged, stops) - now
    straight = knowledge.earned(firm, coming, staged) - now
    decided = answer.planned.decided
    computed = decided.computed or decided.plan
    return {
        "seed": seed, "sigma": round(firm.sigma, 2), "stated": stated,
        "follow": firm.follow, "pull": firm.pull, "months": firm.ledger_months,
        "markets": int(firm.sold.sum()), "today": round(float(now.mean())),
        "gain": {name: round(float(gain.mean())) for name, gain in gains.items()},
        "promised": round(figures.pop("promised")),
        "below": round(float((planned < computed.low).mean()), 3),
        "moves": {MARKETS[at]: _words(firm, at, price) for at, price in decision.items()},
        "pilots": {
            MARKETS[at]: [round(price / firm.price_now[at], 2), round(below), round(worth),
                          at in decision]
            for at, (price, below, worth) in pilots.items()
        },
        "without_stop": round(float(straight.mean())),
        "weighed": _weighed(firm, coming, answer, figures), "asked": asked,
        "seconds": round(seconds, 1),
    }  # fmt: skip


def _answered(
    firm: Firm, coming: Futures, answer: Any, folder: Path, seed: int
) -> dict[str, Any] | None:
    """The worth that the plan stated of what it asks first, and what the answer then brought.

    ``any`` is the mean of what answers to the figures that it lists brought: of one drawn at
    random. An elasticity is told as it is and planned with; an entry is made where it gains.
    """
    import offing

    decision = decision_of(answer)[0]
    before = knowledge.earned(firm, coming, decision).mean()
    asked = [f for f in answer.planned.decided.open_figures if f.kind in ("elasticity", "entry")]
    brought = []
    for figure in asked:
        if figure.kind == "elasticity":
            study = files.write(firm, folder, seed, firm.sigma)
            anew = decision_of(offing.plan(study, warehouse=folder / "w"))[0]
            brought.append(knowledge.earned(firm, coming, anew).mean() - before)
        else:
            at = MARKETS.index(figure.market)
            other = {**decision, at: float(firm.price_now[at])}
            if at in decision:
                del other[at]
            brought.append(max(knowledge.earned(firm, coming, other).mean() - before, 0.0))
    if not asked:
        return None
    return {"first": asked[0].kind, "worth": round(asked[0].value_cny),
            "brought": round(brought[0]), "any": round(float(np.mean(brought)))}  # fmt: skip


def _words(firm: Firm, at: int, price: float | None) -> str:
    if price is None:
        return "leave"
    return f"{'price' if firm.sold[at] else 'enter'} {price / firm.price_now[at]:.2f}"


def _weighed(
    firm: Firm, coming: Futures, answer: Any, chances: dict[str, float]
) -> list[tuple[str, float, float]]:
    """Kind, chance stated and chance that it came off, of every move that was weighed."""
    decided, found = answer.planned.decided, []
    now = knowledge.earned(firm, coming, {})
    for move in (*decided.moves, *decided.not_yet):
        if move.chance is None:
            continue
        at = MARKETS.index(move.market)
        gain = knowledge.earned(firm, coming, {at: move.price_after_usd}) - now
        found.append((move.kind, round(move.chance, 3), round(float((gain > 0).mean()), 3)))
    return found


def summary(worlds: list[dict[str, Any]]) -> dict[str, Any]:
    """What all worlds together say; shares of gains are pooled, with a bootstrap's interval."""
    room = [w for w in worlds if w["gain"]["oracle"] >= ROOM * abs(w["today"])]
    rng = np.random.default_rng(1)

    def pooled(name: str, of: str) -> dict[str, float]:
        pairs = np.array([(w["gain"][name], w["gain"][of]) for w in worlds], float)
        drawn = rng.integers(0, len(pairs), (2000, len(pairs)))
        ratios = pairs[drawn, 0].sum(1) / pairs[drawn, 1].sum(1)
        low, high = np.quantile(ratios, (0.025, 0.975))
        return {"share": round(float(pairs[:, 0].sum() / pairs[:, 1].sum()), 3),
                "low": round(float(low), 3), "high": round(float(high), 3)}  # fmt: skip

    names = list(worlds[0]["gain"])
    moved = [w for w in worlds if w["moves"]]
    kinds: dict[str, list[tuple[float, float]]] = {}
    for world in worlds:
        for kind, said, came in world["weighed"]:
            kinds.setdefault(kind, []).append((said, came))
    return {
        "worlds": len(worlds),
        "with_room": len(room),
        "moves_with_room": _share([bool(w["moves"]) for w in room]),
        "stays_without": _share([not w["moves"] for w in worlds if w not in room]),
        "of_equal": {name: pooled(name, "equal") for name in names},
        "of_oracle": {name: pooled(name, "oracle") for name in names},
        "harmed": {
            name: _share([w["gain"][name] < -0.001 * abs(w["today"]) for w in worlds])
            for name in names
        },
        "realised_over_promised": {
            name: {"worlds": len(some), **_kept(some)}
            for name, some in (
                ("all", moved),
                ("only_leaving", [w for w in moved if {*w["moves"].values()} == {"leave"}]),
                ("leaving_none", [w for w in moved if "leave" not in w["moves"].values()]),
            )
            if some
        },
        "chances": {
            kind: _calibration(np.array(pairs)) for kind, pairs in sorted(kinds.items())
        },
        "below_the_worst_twentieth": {
            f"rivals follow {follow:.0%}, demand pulled {pull:.0%}": round(
                float(np.mean([w["below"] for w in some])), 3
            )
            for follow, pull in sorted({(w["follow"], w["pull"]) for w in worlds})
            if (some := [w for w in worlds if (w["follow"], w["pull"]) == (follow, pull)])
        },
        "size_free": round(_size_free(worlds, "plan") / _size_free(worlds, "equal"), 3),
        "size_free_of_oracle": round(
            _size_free(worlds, "plan") / _size_free(worlds, "oracle"), 3
        ),
        "value_brought_over_stated": _value(worlds),
    }  # fmt: skip


def _calibration(pairs: Floats) -> dict[str, float]:
    """Chances stated and how often it came, by tenths; log scores, that of the base rate beside."""
    stated, came = pairs.T
    tenth = np.clip((stated * 10).astype(int), 0, 9)
    gap = sum(
        abs(stated[tenth == at].sum() - came[tenth == at].sum()) for at in np.unique(tenth)
    ) / len(pairs)  # fmt: skip

    def score(chance: Floats) -> float:
        held = np.clip(chance, 0.01, 0.99)
        return round(float(-(came * np.log(held) + (1 - came) * np.log(1 - held)).mean()), 3)

    return {
        "offers": len(pairs),
        "stated": round(float(stated.mean()), 3),
        "came": round(float(came.mean()), 3),
        "gap": round(float(gap), 3),
        "log_score": score(stated),
        "base_rate": score(np.full(len(pairs), came.mean())),
    }


def _size_free(worlds: list[dict[str, Any]], name: str) -> float:
    """Gains over today's profit, summed: each world counts by how much it changes a firm."""
    return float(sum(w["gain"][name] / abs(w["today"]) for w in worlds))


def _kept(worlds: list[dict[str, Any]]) -> dict[str, float]:
    """Gains over promises: of sums, and of sums of each world over today's profit."""
    pairs = np.array([(w["gain"]["plan"], w["promised"]) for w in worlds], float)
    today = np.abs([w["today"] for w in worlds])[:, None]
    gains, promises = np.transpose([pairs.sum(axis=0), (pairs / today).sum(axis=0)])
    return {"sums": round(float(gains[0] / promises[0]), 3),
            "by_world": round(float(gains[1] / promises[1]), 3)}  # fmt: skip


def _value(worlds: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What the answer to the first question was said to be worth at most, and what it brought."""
    told = [(w["asked"], abs(w["today"])) for w in worlds if w["asked"]]
    if not told:
        return None
    sums = {
        name: {key: sum(a[key] / (size if name == "by_world" else 1) for a, size in told)
               for key in ("worth", "brought", "any")}
        for name in ("sums", "by_world")
    }  # fmt: skip
    return {"worlds": len(told), **{
        name: {"brought_over_stated": round(of["brought"] / of["worth"], 3),
               "random_over_stated": round(of["any"] / of["worth"], 3)}
        for name, of in sums.items()
    }}  # fmt: skip


def _share(found: list[bool]) -> float | None:
    return round(sum(found) / len(found), 3) if found else None


def main() -> int:
    """Run the trial and print its summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=36)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--told", type=float, help="the error, in logs, of a stated elasticity")
    parser.add_argument("--asks", action="store_true", help="plan again once told")
    parser.add_argument("--no-room", action="store_true", help="worlds with little to gain")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    seeds = range(asked.seed * 10_000, asked.seed * 10_000 + asked.worlds)
    with ProcessPoolExecutor(asked.processes) as pool:
        worlds = []
        prior = NO_ROOM if asked.no_room else PRIOR
        for world in pool.map(partial(trial, told=asked.told, asks=asked.asks, prior=prior), seeds):
            worlds.append(world)
            print(json.dumps(world), file=sys.stderr, flush=True)
    found = summary(worlds)
    print(json.dumps(found, indent=1))
    if asked.out:
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
        ).stdout.strip()
        record = {"seed": asked.seed, "told": asked.told, "commit": commit, **found, "each": worlds}
        asked.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
