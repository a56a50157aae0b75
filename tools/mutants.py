"""Change code at random, see if tests notice: ``python -m tools.mutants [SEED] [COUNT] [ROOM …]``.

Each mutant changes one operator, comparison or number of a room. First it is recorded, once for a
state of the code, which test reaches which line; then a mutant meets the tests that reach its
statement, the quickest first, until one fails. The score is the share that dies (make mutants).
One that lives names its line: write the test, or delete the line. What no test reaches lives.
Examples in the documentation of a room are tests of it.
"""

import ast
import hashlib
import importlib
import importlib.util
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {
    "rules": ["rules", "cases", "api"], "landed": ["landed", "rules", "cases", "api"],
    "refunds": ["refunds", "cases", "api"], "settlement": ["settlement", "cases", "api"],
    "planning": ["planning", "study", "report"],
    "ladders": ["ladders"], "study": ["study", "journeys", "report"], "market": ["market"],
    "warehouse": ["warehouse"],
    "policy": ["policy", "api"], "forecast": ["forecast"],
    "sources": ["sources"], "estimators": ["estimators", "market", "policy"], "cases": ["cases"],
    "terms": ["", "refunds", "settlement", "rules"],
}  # fmt: skip
"""Room → the folders of its own tests, ``""`` for those in none; what they reach, any may notice.
Left out: what draws (report, web, cli), for no test should mind whether a picture is a unit wider;
api, which computes nothing, whose tests of answers about money are of the rooms of law."""
OF_ALL = "tests/contracts/test_left_out.py"
"""Reads the code of all rooms: what a row leaves out is nothing."""
OF_MANY = ("checks", "every_source", "plugins", "readers", "regimes", "scores", "stated_figures")
"""Contracts that try every check or file of a kind, or figures of pages, in whichever room."""
RECORDERS = 2
"""Files of tests that are recorded at once."""
ENOUGH = 100
"""Seconds of tests, as recorded, that a mutant may outlive; then it lives."""
QUICK = 8
"""Seconds of tests that go first, in a process of their own: most mutants die there."""
PATIENCE = 300
"""The least that tests may take; else five times what was recorded."""
LARGE = ("numpy", "polars", "scipy.optimize", "scipy.stats", "scipy.sparse", "duckdb", "pydantic")
"""Packages that are imported once, for all mutants. Nothing of them is used here: a fork would not
have their threads."""
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
        before: float = node.value  # type: ignore[assignment]
        node.value = 2 * before if before == before + 1 else before + 1  # 1e300 and one is 1e300
        return f"{before!r} → {node.value!r}"
    if isinstance(node, ast.Compare):
        at = next(n for n, o in enumerate(node.ops) if type(o) in SWAPS)
        before_op, node.ops[at] = node.ops[at], SWAPS[type(node.ops[at])]()
        return f"{type(before_op).__name__} → {type(node.ops[at]).__name__}"
    old = node.op  # type: ignore[attr-defined]
    node.op = SWAPS[type(old)]()  # type: ignore[attr-defined]
    return f"{type(old).__name__} → {type(node.op).__name__}"  # type: ignore[attr-defined]


def statement(tree: ast.AST, site: ast.AST) -> tuple[set[int], bool]:
    """Lines of the statement that holds the site, and whether they are recorded where they run.

    They are not where it runs when its module is imported, nor where its function is compiled.
    """
    below: list[tuple[ast.AST, set[int], bool]] = [(tree, set(), False)]
    while below:
        node, around, inside = below.pop()
        if node is site:
            return around | {site.lineno}, inside  # type: ignore[attr-defined]
        if isinstance(node, ast.stmt):
            inner = getattr(node, "body", None) or getattr(node, "cases", None)
            first = getattr(inner[0], "lineno", node.lineno + 1) if inner else None
            around = set(range(node.lineno, first or (node.end_lineno or 0) + 1)) | {node.lineno}
        for name, value in ast.iter_fields(node):
            runs = inside
            if isinstance(node, ast.FunctionDef) and name == "body":
                marks = [mark.id for mark in node.decorator_list if isinstance(mark, ast.Name)]
                runs = not any(mark.startswith(("compile", "written")) for mark in marks)
            elif isinstance(node, ast.Lambda) and name == "body":
                runs = True
            children = value if isinstance(value, list) else [value]
            below += [(child, around, runs) for child in children if isinstance(child, ast.AST)]
    raise LookupError(ast.dump(site))


@dataclass
class Reach:
    """What was recorded of all files of tests: see ``tools.reach``."""

    seconds: dict[str, float] = field(default_factory=dict)
    tests: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    """File of ``src`` → line → tests."""
    files: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    """File of ``src`` → line → files of tests that reach it, be it while they prepare."""

    def add(self, name: str, recorded: dict[str, Any]) -> None:
        """What the file of tests ``name`` reaches."""
        broken = set(recorded["broken"])
        self.seconds |= {k: v for k, v in recorded["seconds"].items() if k not in broken}
        for file, lines in recorded["lines"].items():
            for line, tests in lines.items():
                by_line = self.tests.setdefault(file, defaultdict(set))
                by_line[int(line)] |= set(tests) - broken - {""}
                self.files.setdefault(file, defaultdict(set))[int(line)].add(name)

    def batches(self, room: str, file: str, lines: set[int], runs: bool) -> Iterator[list[str]]:
        """Tests that may notice a change of these lines: those that reach them go first."""
        by_line, by_file = self.tests.get(file, {}), self.files.get(file, {})
        direct = {test for line in lines for test in by_line.get(line, ())}
        reached = {name for line in lines for name in by_file.get(line, ())}
        if not runs:
            direct = {test for tests in by_line.values() for test in tests}
            names = map(file_of, self.seconds)
            reached = {name for name in names if own(room, name) or name == OF_ALL}
        also = {test for test in self.seconds if file_of(test) in reached} - direct
        seconds: dict[str, float] = defaultdict(float)
        for test in direct | also:
            seconds[file_of(test)] += self.seconds.get(test, 0)

        def turn(test: str) -> tuple[object, ...]:
            name = file_of(test)
            near = Path(file).stem in name or name == OF_ALL
            far = 0 if near else 1 if own(room, name) else 2
            return test in also, far, seconds[name], name, self.seconds.get(test, 0), test

        quick: list[str] = []
        rest: list[str] = []
        spent = 0.0
        for test in sorted((direct | also) & self.seconds.keys(), key=turn):
            if spent + self.seconds[test] <= ENOUGH:
                spent += self.seconds[test]
                (quick if spent < QUICK else rest).append(test)
        yield from filter(None, (quick, rest))


def file_of(test: str) -> str:
    """The file of a test, from its name."""
    return test.partition("::")[0]


def own(room: str, name: str) -> bool:
    """Whether a file of tests is one of the room's."""
    folder = Path(name).parent
    if "src" in folder.parts:  # its examples
        return room in folder.parts
    folders = [ROOT / "tests" / tested for tested in ROOMS[room]]
    return any(
        ROOT / folder == base or (base != ROOT / "tests" and (ROOT / folder).is_relative_to(base))
        for base in folders
    )


def forked(work: Path, tests: list[str], env: dict[str, str]) -> int:
    """The number of a process that runs tests on the copy in the folder ``work``.

    It is a fork of this one, which has the large packages already: most of the time of a mutant
    that dies would else be theirs.
    """
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            _run(work, tests, env)
        finally:  # whatever happens, the copy of this process ends here
            os._exit(1)
    return child


def fails(work: Path, tests: list[str], env: dict[str, str], seconds: float) -> str:
    """``died`` if tests fail on the copy, ``late`` if they take longer; else nothing."""
    child, until = forked(work, tests, env), time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return "" if os.waitstatus_to_exitcode(status) in (0, NO_TESTS) else "died"
        if time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "late"
        time.sleep(0.05)


def _run(work: Path, tests: list[str], env: dict[str, str]) -> NoReturn:
    """The tests on the copy, in a process of their own."""
    source = work / "src"
    paths = [*map(str, (source, ROOT / "tests", ROOT)), os.environ.get("PYTHONPATH", "")]
    os.environ |= env | {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)), "OFFING_SOURCE": str(source),
        "NUMBA_CACHE_DIR": str(work / "numba"),
    }  # fmt: skip
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    sys.path[:0] = paths[:3]
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    command = ["-q", "-p", "no:cacheprovider", "-p", "tools.reach", *tests]
    os._exit(int(pytest.main(command)))


def prepare() -> Path:
    """The folder of what was recorded and compiled, with a copy of the code to change."""
    work = ROOT / "build" / "mutants"
    shutil.rmtree(work / "src", ignore_errors=True)
    if (work / "numba-aside").exists():  # what an interrupted run has put aside
        shutil.rmtree(work / "numba", ignore_errors=True)
        (work / "numba-aside").rename(work / "numba")
    shutil.copytree(ROOT / "src", work / "src", ignore=shutil.ignore_patterns("__pycache__"))
    if not (work / "examples").exists():  # which lie beside the code
        (work / "examples").symlink_to(ROOT / "examples")
    return work


def digest(*files: Path) -> str:
    """Of what files hold; of one that is gone, nothing's."""
    content = [file.read_bytes() for file in files if file.exists()]
    return hashlib.sha256(b"".join(content)).hexdigest()[:16]


def groups_of(work: Path, rooms: list[str]) -> dict[str, list[str]]:
    """What is recorded at once: a file of tests, or the examples in a room's documentation."""
    every = [OF_ALL, *(f"tests/contracts/test_{name}.py" for name in OF_MANY)]
    groups = {name: [name] for name in every}
    for folder in {folder for room in rooms for folder in ROOMS[room]}:
        for file in (ROOT / "tests" / folder).glob("**/*.py" if folder else "*.py"):
            if file.name.startswith("test_"):
                name = str(file.relative_to(ROOT))
                groups[name] = [name]
    for room in rooms:
        files = sorted((work / "src" / "offing" / room).rglob("*.py"))
        shown = [file for file in files if ">>> " in file.read_text(encoding="utf-8")]
        groups[f"examples of {room}"] = [str(file.relative_to(ROOT)) for file in shown]
    return {name: files for name, files in sorted(groups.items()) if files}


def record(work: Path, rooms: list[str]) -> Reach:
    """Which test reaches which line.

    What was recorded stays in ``work`` until the tests, what they share or a file of ``src`` that
    they reach is another.
    """
    reach, shared = Reach(), digest(*sorted((ROOT / "tests").glob("[!t]*.py")))
    now = {str(f.relative_to(ROOT / "src")): digest(f) for f in (ROOT / "src").rglob("*.py")}

    def state(name: str, lines: Iterable[str]) -> list[object]:
        tests = digest(*(ROOT / file for file in groups[name]))
        return [shared, tests, {file: now.get(file) for file in lines}]

    def recorded(name: str) -> dict[str, Any]:
        """What was recorded of these tests; nothing where that is of another state."""
        file = _kept(work, name)
        saved = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return saved if saved.get("rests_on") == state(name, saved.get("lines", ())) else {}

    groups = groups_of(work, rooms)
    records = {name: recorded(name) for name in groups}
    missing = [name for name in groups if not records[name]]
    for some in (missing[at : at + RECORDERS] for at in range(0, len(missing), RECORDERS)):
        env = [{"OFFING_REACH": str(_kept(work, name))} for name in some]
        children = [forked(work, groups[name], e) for name, e in zip(some, env, strict=True)]
        for name, child in zip(some, children, strict=True):
            os.waitpid(child, 0)
            new = json.loads(_kept(work, name).read_text(encoding="utf-8"))
            records[name] = new | {"rests_on": state(name, new["lines"])}
            _kept(work, name).write_text(json.dumps(records[name]), encoding="utf-8")
            print(f"{name} {sum(new['seconds'].values()):.0f} s {new['broken'] or ''}", flush=True)
    for name, of in records.items():
        reach.add(name, of)
    return reach


def _kept(work: Path, name: str) -> Path:
    return work / f"{name.replace('/', '.')}.json"


def notices(work: Path, path: Path, text: str, batches: list[list[str]], reach: Reach) -> str:
    """As :func:`fails`, where the file of the copy has this text."""
    original = path.read_text(encoding="utf-8")
    target, numba, aside = work / path.relative_to(ROOT), work / "numba", work / "numba-aside"
    compiles = "gravity.compiled import" in original
    if compiles and numba.exists():  # what others compiled has the old code of this file in it
        numba.rename(aside)
    bytecode = Path(importlib.util.cache_from_source(str(target)))
    target.write_text(text, encoding="utf-8")
    bytecode.unlink(missing_ok=True)
    try:
        for batch in batches:
            (work / "only").write_text(json.dumps(batch), encoding="utf-8")
            patience = 5 * sum(reach.seconds[test] for test in batch)
            files = list(dict.fromkeys(map(file_of, batch)))
            only = {"OFFING_ONLY": str(work / "only")}
            limit = max(600 if compiles else PATIENCE, patience)
            if noticed := fails(work, ["-x", *files], only, limit):
                return noticed
        return ""
    finally:
        target.write_text(original, encoding="utf-8")
        bytecode.unlink(missing_ok=True)
        if compiles and aside.exists():
            shutil.rmtree(numba, ignore_errors=True)
            aside.rename(numba)


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
    for package in LARGE:
        importlib.import_module(package)
    work = prepare()
    reach = record(work, rooms)
    tally = {room: Counter[str]() for room in rooms}
    for number in range(count):
        room, path = chance.choices(files, weights)[0]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        site = chance.choice(list(sites(tree)))
        lines, runs = statement(tree, site)
        location = f"{path.relative_to(ROOT / 'src')}:{site.lineno}"  # type: ignore[attr-defined]
        done, start = mutate(site), time.monotonic()
        batches = list(reach.batches(room, location.partition(":")[0], lines, runs))
        end = notices(work, path, ast.unparse(tree), batches, reach) or "lived"
        tally[room][end] += 1
        word = {"lived": "LIVES" if batches else "LIVES, unreached"}.get(end, end)
        took = f"{time.monotonic() - start:.0f} s"
        print(f"{number + 1:4} {word} {location} {done} ({took})", flush=True)
    for room, ends in tally.items():
        shown = " ".join(f"{ends[end]:4} {end}" for end in ("died", "late", "lived"))
        print(f"{room:12} {ends.total():4} tried {shown}")
    lived = sum(ends["lived"] for ends in tally.values())
    late = sum(ends["late"] for ends in tally.values())
    share = lived / max(count, 1)  # of none only what is reached is recorded
    print(f"seed {seed}: of {count} {share:.1%} live, {late} were out of time")
    return 1 if lived > 0.15 * count else 0


if __name__ == "__main__":
    sys.exit(main())
