"""The register counts what stands in the regime files themselves."""

import tomllib
from collections import Counter
from pathlib import Path

import offing.rules
from offing.rules.regime_file import shipped
from offing.rules.register import STATUSES, register

REGIMES = Path(offing.rules.__file__).parent / "regimes"


def test_it_counts_what_the_files_say() -> None:
    entries = {one.importer: one for one in register(shipped())}
    for name in ("vnm", "gha", "gbr"):
        data = tomllib.loads((REGIMES / f"{name}.toml").read_text("utf-8"))
        usual = data.get("status")
        tally = Counter(
            one.get("status", usual) for one in (*data["charge"], *data.get("rate", ()))
        )
        entry = entries[name.upper()]
        assert {s: entry.counts[s] for s in STATUSES if entry.counts[s]} == dict(tally)
        assert entry.cases == len(data["case"])
        looked = [one.get("still_valid_on") for one in (*data["charge"], *data.get("rate", ()))]
        assert entry.looked_at == sum(day is not None for day in looked)
        assert entry.last_look == max((day for day in looked if day), default=None)


def test_each_importer_has_a_keeper_by_role() -> None:
    keepers = {one.importer: one.keeper for one in register(shipped())}
    assert keepers["USA"] == "customs, North America"
    assert keepers["VNM"] == "customs, South-East Asia"
    assert keepers["MAR"] == "customs, other importers"
