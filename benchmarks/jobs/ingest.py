"""Load a year of BACI with every check, beside DuckDB's own conversion without any."""

import tempfile
from pathlib import Path

from benchmarks import Row, measured
from benchmarks.world import baci_year


def ours(path: Path) -> int:
    """``offing load baci``: codes, countries, years, values, duplicates, editions; then sorted."""
    from offing.warehouse import load

    with tempfile.TemporaryDirectory() as folder:
        return load("baci", [path], Path(folder)).load.good


def bare(path: Path) -> int:
    """DuckDB's CSV → sorted Parquet. It is told what a missing quantity is, and checks nothing."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as duck:
        target = Path(folder) / "bare.parquet"
        duck.execute("SET enable_progress_bar = false")
        duck.execute(
            f"COPY (SELECT * FROM read_csv('{path}', nullstr='NA') ORDER BY k, j, i) "
            f"TO '{target}' (FORMAT parquet)"
        )
        row = duck.execute(f"SELECT count(*) FROM read_parquet('{target}')").fetchone()
        return int(row[0]) if row else 0


def run() -> list[Row]:
    """One row."""
    path = baci_year(2020)
    peer = measured("benchmarks.jobs.ingest:bare", path, times=3)
    mine = measured("benchmarks.jobs.ingest:ours", path, times=3)
    if mine.result != peer.result:
        raise RuntimeError(f"{mine.result:,} rows loaded of {peer.result:,}")
    return [
        Row(
            f"ingest {mine.result / 1e6:.1f} million BACI rows, checked and sorted",
            mine.seconds,
            "DuckDB, bare CSV to sorted Parquet",
            peer.seconds,
            mine.peak_mb,
            bar_ratio=1.5,
            bar_mb=1500,
        )
    ]
