"""Run one benchmark job, or all of them, and print one table: ``python -m benchmarks [JOB]``."""

import importlib
import sys
from pathlib import Path

from benchmarks import Row


def _ratio(ratio: float) -> str:
    """``1.31`` of the peer's time, or ``1/350`` of it."""
    return f"{ratio:.2f}" if ratio >= 0.1 else f"1/{1 / ratio:.0f}"


def jobs() -> list[str]:
    """The files in ``benchmarks/jobs``."""
    folder = Path(__file__).parent / "jobs"
    return sorted(file.stem for file in folder.glob("*.py") if not file.stem.startswith("_"))


def _figure(value: float | None, unit: str) -> str:
    """``0.53 s``, ``12.0 ms`` or ``80.1 kB``."""
    if value is None:
        return ""
    if unit != "s":
        return f"{value:,.1f} {unit}"
    return f"{value:.2f} s" if value >= 0.1 else f"{value * 1000:.1f} ms"


def _cells(row: Row) -> list[str]:
    return [
        row.job,
        _figure(row.ours, row.unit),
        row.peer_name or "",
        _figure(row.peer, row.unit),
        "" if row.ratio is None else _ratio(row.ratio),
        "" if row.peak_mb is None else f"{row.peak_mb:,.0f} MB",
        _figure(row.bar, row.unit),
        "yes" if row.holds else "NO",
    ]


def main(arguments: list[str]) -> int:
    """Run the jobs named; all where none is. Returns 1 where a row misses its bar."""
    names = arguments or jobs()
    unknown = [name for name in names if name not in jobs()]
    if unknown:
        print(f"No job {unknown[0]!r}; there are: {', '.join(jobs())}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"benchmarks.jobs.{name}").run()
    return table(rows)


def table(rows: list[Row]) -> int:
    """Print rows; 1 where one misses its bar."""
    head = ["job", "ours", "peer", "peer's", "ratio", "peak memory", "bar", "bar kept"]
    lines = [head, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        left = (0, 2)
        print(
            "  ".join(
                cell.ljust(width) if column in left else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
        )
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
