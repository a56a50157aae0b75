"""Every number that ``offing firms`` shows, of several runs, attacked: no firm is given away.

What an attacker sees are all numbers of ``data()`` (of which text, page, workbook and brief are
made) and the text itself.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

import offing
from firm_answers import gives_away, put
from offing.api.firms import FirmsAnswer, firms
from offing.study.share import ShareLine
from offing.terms.firm_records import FirmSize

Folder = list[list[ShareLine]]
"""The answers that come before each run."""
PRESENCE = ("answered", "waiting", "asked", "silent", "unlisted", "unreadable", "others")
"""Who answered, not what: an office knows it."""
MARKETS, HEADINGS, CELLS = ("DEU", "POL", "USA"), ("8528", "8507"), 3
FALL = '[[imports]]\nmarkets = ["POL"]\nchange = "-20%"\n'
MEASURES = (
    '[[duty]]\nimporter = "USA"\nrate = "10%"\n',
    '[[imports]]\nmarkets = ["DEU", "POL"]\nproducts = ["8528"]\nchange = "-20%"\n',
    FALL + '[[imports]]\nmarkets = ["DEU"]\nproducts = ["8507"]\nchange = "10%"\n',
    "[[closed]]\nweeks = 4\n",
)
"""Shocks of every kind: by market, by heading, both, several parts, all."""


def line(rng: np.random.Generator, firm: str) -> ShareLine:
    """An answer of whatever kind."""
    places = [(h, m) for m in MARKETS for h in HEADINGS]

    def some() -> list[tuple[str, str]]:
        return [places[n] for n in rng.permutation(len(places))[: rng.integers(0, CELLS)]]

    sold = tuple((*place, float(rng.integers(1, 90)) * 1e4) for place in some())
    size = get_args(FirmSize)[rng.integers(0, 2)] if rng.random() < 0.8 else None
    return ShareLine(
        firm, size, date(2026, int(rng.integers(8, 11)), 1),
        None if rng.random() < 0.4 else sold, tuple(some()),
        tuple((*place, float(rng.integers(1, 90)) * 1e3, True) for place in some()),
        None if rng.random() < 0.3 else float(rng.random()),
        ("fairs",) if rng.random() < 0.5 else (),
        None if rng.random() < 0.3 else (("POL",) if rng.random() < 0.5 else ()),
    )  # fmt: skip


def history(seed: int, comes: Sequence[int]) -> Folder:
    rng = np.random.default_rng(seed)
    return [[line(rng, f"F{run}{n}") for n in range(count)] for run, count in enumerate(comes)]


@pytest.fixture
def runs(tmp_path: Path) -> Callable[..., list[FirmsAnswer]]:
    """What is shown after each part of a history has come, with all that can be asked for."""
    assert callable(offing.firms), "what is asked for here can be shown"
    fairs = tmp_path / "fairs.csv"
    fairs.write_text(
        "fair,market,product,places,subsidy,effect,source\nA,POL/DEU,8528,2,1000,9000,own\n"
        "B,USA,8507,3,1000,,\n", "utf-8",
    )  # fmt: skip
    stress = ["refund-cut-4"]
    for name, parts in enumerate(MEASURES):
        stress.append(str(tmp_path / f"{name}.toml"))
        Path(stress[-1]).write_text(f'[shock]\nname = "{name}"\nsource = "x"\n{parts}', "utf-8")
    count = iter(range(10_000))

    def ask(came: Folder, usd: Callable[[str], float] = lambda _: 1e6) -> list[FirmsAnswer]:
        asked = tmp_path / "asked.csv"
        names = [*(f"F{run}{n}" for run in range(4) for n in range(4)), "Silent 1", "Silent 2"]
        asked.write_text("firm,exports_usd\n" + "".join(f"{x},{usd(x)!r}\n" for x in names))
        folder = tmp_path / str(next(count))
        return [
            firms(put(folder, *lines), asked=asked, stress=stress, fairs=fairs, budget="CNY 4k")
            for lines in came
        ]

    return ask


def shown(answer: FirmsAnswer) -> dict[str, Any]:
    return {key: value for key, value in answer.data().items() if key not in PRESENCE}


def told(answer: FirmsAnswer) -> str:
    """All that a page says, with its tables and pictures."""
    return str(answer._repr_html_())


def numbers(value: Any) -> Iterator[float]:
    """All numbers of an answer, however deep."""
    if isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers(part)
    elif isinstance(value, int | float):
        yield float(value)


@pytest.mark.parametrize("seed", range(3))
def test_who_of_a_batch_said_what_changes_nothing_shown(
    runs: Callable[..., list[FirmsAnswer]], seed: int
) -> None:
    """Two firms that came between the same runs exchange their answers: text and data stay."""
    came = history(seed, (5, 3, 1, 4))
    before = runs(came)
    for batch in ((0,), (1,), (2, 3)):  # one that comes alone waits for those of the next run
        cast = [(run, n) for run in batch for n in range(len(came[run]))]
        first, last = cast[0], cast[-1]
        other = [list(lines) for lines in came]
        (a, b), (c, d) = first, last
        other[a][b] = replace(came[c][d], firm=came[a][b].firm)
        other[c][d] = replace(came[a][b], firm=came[c][d].firm)
        after = runs(other)
        assert list(map(shown, after)) == list(map(shown, before))
        assert list(map(told, after)) == list(map(told, before))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("what", ["one added", "two added", "changed", "removed", "edited"])
def test_one_firm_added_changed_or_removed_changes_no_number(
    tmp_path: Path, seed: int, what: str
) -> None:
    (lines,) = history(seed, (7,))
    folder = put(tmp_path / "answers", *lines)
    before = firms(folder, stress="refund-cut-4")
    file = folder / f"{lines[0].file_name}-{lines[0].on}.json"
    new = history(seed + 50, (0, 2))[1]
    if what.endswith("added"):
        put(folder, *new[: 1 + what.startswith("two")])
    elif what == "changed":
        put(folder, replace(new[0], firm=lines[0].firm, on=lines[0].on))
    elif what == "removed":
        file.unlink()
    else:
        file.write_text(file.read_text("utf-8").replace("F00", "F99"), "utf-8")
    after = firms(folder, stress="refund-cut-4")
    assert shown(after) == shown(before)
    waiting = {"one added": 1, "two added": 2}.get(what, 0)
    assert (after.answered, after.waiting) == (7 + waiting, waiting)
    keys = [error.key for error in after.unreadable]
    assert keys == ["firms.edited"] * (what == "edited") + ["firms.changed"] * (not waiting)
    assert waiting or "F00" in after.unreadable[-1].found


@pytest.mark.parametrize("seed", range(2))
def test_no_combination_of_all_numbers_of_all_runs_rests_on_one_or_two_firms(
    runs: Callable[..., list[FirmsAnswer]], seed: int
) -> None:
    """Each amount that a firm handed in, and its exports on the list, is moved a little: how all
    numbers move is what an attacker has equations of.
    """
    came = history(seed, (6, 3, 1, 4))
    spots = [
        (run, n, name, at)
        for run, lines in enumerate(came) for n, one in enumerate(lines)
        for name in ("sales", "unclaimed", "spare", "listed")
        for at in range(len(getattr(one, name) or ()) if name in ("sales", "unclaimed") else 1)
        if name == "listed" or getattr(one, name) is not None
    ]  # fmt: skip

    def seen(moved: tuple[int, int, str, int] | None) -> np.ndarray:
        other, firm = [list(lines) for lines in came], ""
        if moved is not None:
            run, n, name, at = moved
            one = came[run][n]
            firm = one.firm if name == "listed" else ""
            if name == "spare":
                other[run][n] = replace(one, spare=one.spare * 0.5)  # type: ignore[operator]
            elif name != "listed":
                rows = [list(row) for row in getattr(one, name)]
                rows[at][2] += 1e4
                changed: dict[str, Any] = {name: tuple(map(tuple, rows))}
                other[run][n] = replace(one, **changed)
        told = runs(other, lambda name: 1.5e6 if name == firm else 1e6 + 1e4 * len(name))
        return np.array([x for answer in told for x in numbers(shown(answer))])

    still = seen(None)
    moves = np.array([seen(spot) - still for spot in spots]).T
    moves = moves[np.abs(moves).max(axis=1) > 0]
    assert len(moves) > 20, "else the attack could find nothing"
    keys = [(came[run][n].firm, name, str(at)) for run, n, name, at in spots]
    assert not gives_away(moves / np.abs(moves).max(axis=0).clip(1e-12), keys)
