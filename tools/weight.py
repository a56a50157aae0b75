"""What the house weighs, and its ceilings: ``python -m tools.weight``.

Code lines are counted without blanks, comments and docstrings. The ceilings stand in
``tests/contracts/weight.toml``; ``--lower`` writes those down that are above what is there. A
ceiling rises by hand alone, by the budget that an issue states.
"""

import argparse
import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src/offing"
CEILINGS = ROOT / "tests/contracts/weight.toml"
RECORDS = re.compile(r"dataclass|NamedTuple|TypedDict|BaseModel|attrs|define\b|Struct")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstring_lines(tree: ast.AST) -> set[int]:
    """The lines of a file that are docstrings."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            lines |= set(range(first.lineno, (first.end_lineno or 0) + 1))
    return lines


def code_lines(text: str, tree: ast.AST) -> int:
    """Lines that are neither blank, comment nor docstring."""
    documented = docstring_lines(tree)
    return sum(
        1
        for at, line in enumerate(text.split("\n"), 1)
        if at not in documented and line.strip() and not line.strip().startswith("#")
    )


def _is_record(node: ast.ClassDef) -> bool:
    return bool(RECORDS.search(" ".join(map(ast.unparse, (*node.decorator_list, *node.bases)))))


def weights() -> dict[str, dict[str, int]]:
    """Code lines by room, and the other weights of the house."""
    rooms: Counter[str] = Counter()
    house: Counter[str] = Counter()
    for file in sorted(SOURCE.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
        house["files"] += 1
        lines = code_lines(text, tree)
        rooms[file.relative_to(SOURCE).parts[0].removesuffix(".py")] += lines
        house["code_lines"] += lines
        classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        house["record_classes"] += sum(map(_is_record, classes))
    catalogues = (file.read_text("utf-8") for file in SOURCE.rglob("messages/*.toml"))
    house["messages"] = sum(len(re.findall(r"(?m)^en\s*=", text)) for text in catalogues)
    tests = ROOT / "tests"
    house["test_lines"] = _lines(tests, "*.py")
    house["case_lines"] = _lines(tests, "*.yaml") + _lines(tests, "*.toml") - _own_lines()
    return {"rooms": dict(sorted(rooms.items())), "house": dict(sorted(house.items()))}


def _lines(folder: Path, pattern: str) -> int:
    return sum(file.read_text("utf-8").count("\n") for file in folder.rglob(pattern))


def _own_lines() -> int:
    return CEILINGS.read_text("utf-8").count("\n") if CEILINGS.is_file() else 0


def ceilings() -> dict[str, dict[str, int]]:
    """What each weight may be at most."""
    return tomllib.loads(CEILINGS.read_text("utf-8")) if CEILINGS.is_file() else {}


def lower(most: dict[str, dict[str, int]], now: dict[str, dict[str, int]]) -> str:
    """The file of ceilings with none above what is there; a weight without one gets it."""
    lines = ["# What the house may weigh at most, see tools/weight.py. They only fall."]
    for table, figures in now.items():
        lines += ["", f"[{table}]"]
        known = most.get(table, {})
        lines += [f"{name} = {min(known.get(name, n), n)}" for name, n in figures.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the weights beside their ceilings, or lower the ceilings."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lower", action="store_true", help="write the ceilings down")
    now, most = weights(), ceilings()
    if parser.parse_args().lower:
        CEILINGS.write_text(lower(most, now), encoding="utf-8")
        return
    for table, figures in now.items():
        for name, figure in figures.items():
            print(f"{table:6} {name:16} {figure:8,} of {most.get(table, {}).get(name, 0):8,}")


if __name__ == "__main__":
    main()
