"""Change code at random, see if tests notice: ``python -m tools.mutants [SEED] [COUNT] [ROOM]``.

Each mutant changes one operator, comparison or number of a room; only that room's own tests run
(make mutants). The score is the share that dies. One that lives names its line: write the test.
"""

import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {
    "rules": ["rules", "cases"], "landed": ["landed", "rules", "cases"],
    "refunds": ["refunds", "cases"],
    "settlement": ["settlement", "cases"], "planning": ["planning", "study"],
    "ladders": ["ladders"], "study": ["study"], "market": ["market"], "warehouse": ["warehouse"],
    "policy": ["policy", "api/test_rules.py"], "forecast": ["forecast"],
}  # fmt: skip
"""Room → the folders of its tests."""
SECONDS = 300
"""The least that a mutant may take; else five times what its room takes without any."""
NO_TESTS = 5
"""What pytest ends with where it found none."""
SWAPS: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Lt: ast.GtE,
    ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.And: ast.Or, ast.Or: ast.And, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}  # fmt: skip


def sites(tree: ast.AST) -> Iterator[ast.AST]:
    """Where a mutant can be made, outside of annotations, documentation and constants' names."""
    for node in ast.walk(tree):
        operators = getattr(node, "ops", None) or [getattr(node, "op", None)]
        number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
        if number or (hasattr(node, "lineno") and any(type(o) in SWAPS for o in operators)):
            yield node


def mutate(node: ast.AST) -> str:
    """Change the node in place; what was done."""
    if isinstance(node, ast.Constant):
        before, node.value = node.value, node.value + 1  # type: ignore[operator]
        return f"{before!r} → {node.value!r}"
    if isinstance(node, ast.Compare):
        at = next(n for n, o in enumerate(node.ops) if type(o) in SWAPS)
        before_op, node.ops[at] = node.ops[at], SWAPS[type(node.ops[at])]()
        return f"{type(before_op).__name__} → {type(node.ops[at]).__name__}"
    old = node.op  # type: ignore[attr-defined]
    node.op = SWAPS[type(old)]()  # type: ignore[attr-defined]
    return f"{type(old).__name__} → {type(node.op).__name__}"  # type: ignore[attr-defined]


def nearest(room: str, path: Path) -> list[Path]:
    """Test files of the room that are named like the file: most mutants die there."""
    return [
        test
        for folder in ROOMS[room]
        for test in sorted((ROOT / "tests" / folder).rglob(f"test_*{path.stem}*.py"))
    ]


def dies(copy: Path, tests: list[Path], seconds: float) -> bool:
    """Whether these tests fail on the copy, or take longer than ``seconds``."""
    paths = os.pathsep.join(map(str, (copy, ROOT / "tests", ROOT)))
    command = [sys.executable, "-m", "pytest", "-xq", "-p", "no:cacheprovider", *map(str, tests)]
    env = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode not in (0, NO_TESTS)


def main() -> int:
    """Make mutants, each in its turn."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    rooms = sys.argv[3:] or list(ROOMS)
    chance = random.Random(seed)
    files = [
        (room, path)
        for room in rooms
        for path in sorted((ROOT / "src" / "offing" / room).rglob("*.py"))
        if any(True for _ in sites(ast.parse(path.read_text(encoding="utf-8"))))
    ]
    weights = [path.stat().st_size for _, path in files]
    everything = {room: [ROOT / "tests" / each for each in ROOMS[room]] for room in rooms}
    lived, patience = [], {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "src"
        shutil.copytree(ROOT / "src", copy)
        for room in rooms:
            start = time.monotonic()
            if dies(copy, everything[room], 10 * SECONDS):
                print(f"the tests of {room} fail without any mutant")
                return 2
            patience[room] = max(SECONDS, 5 * (time.monotonic() - start))
        for number in range(count):
            room, path = chance.choices(files, weights)[0]
            text = path.read_text(encoding="utf-8")
            tree = ast.parse(text)
            node = chance.choice(list(sites(tree)))
            line = node.lineno  # type: ignore[attr-defined]
            done = mutate(node)
            target = copy / path.relative_to(ROOT / "src")
            target.write_text(ast.unparse(tree), encoding="utf-8")
            first = nearest(room, path)
            dead = bool(first) and dies(copy, first, patience[room])
            dead = dead or dies(copy, everything[room], patience[room])
            target.write_text(text, encoding="utf-8")
            place = f"{path.relative_to(ROOT / 'src' / 'offing')}:{line} {done}"
            print(f"{number + 1:4} {'died ' if dead else 'LIVES'} {place}", flush=True)
            lived += [] if dead else [place]
    print(f"seed {seed}: {count - len(lived)} of {count} died")
    return 1 if len(lived) > 0.15 * count else 0


if __name__ == "__main__":
    sys.exit(main())
