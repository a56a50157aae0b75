"""The register counts what stands in the regime files themselves."""

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import offing.rules
from offing.rules.regime_file import shipped
from offing.rules.register import STATUSES, register

REGIMES = Path(offing.rules.__file__).parent / "regimes"


def test_it_counts_what_the_files_say() -> None:
    entries = {one.importer: one for one in register(shipped(), date(2026, 12, 1))}
    for name in ("vnm", "gha", "gbr"):
        data = tomllib.loads((REGIMES / f"{name}.toml").read_text("utf-8"))
        usual = data.get("status")
        tally = Counter(
            one.get("status", usual) for one in (*data["charge"], *data.get("rate", ()))
        )
        entry = entries[name.upper()]
        assert {s: entry.counts[s] for s in STATUSES if entry.counts[s]} == dict(tally)
        assert entry.cases == len(data["case"])
        assert entry.reviewed == data["regime"]["reviewed"]


def test_what_is_past_its_review_is_said() -> None:
    assert not any(one.overdue for one in register(shipped(), date(2026, 12, 1)))
    assert all(one.overdue for one in register(shipped(), date(2036, 12, 1)))
