"""What a study's manifest counts, which files it rests on, and small edges beside them."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from offing.forecast.results import Axis, Segment
from offing.refunds.processing_trade import ratio
from offing.sources.user_table import first_few
from offing.study.inputs import StudyInputs
from offing.study.manifest import manifest
from offing.terms.errors import InputError
from study.stand_ins import like


def rule(status: str) -> Any:
    return like(id="r", value="1", since=None, until=None, status=status)


def test_the_manifest_counts_rules_that_nobody_read(tmp_path: Path) -> None:
    study = tmp_path / "study.toml"
    study.write_text("", encoding="utf-8")
    rules = [rule("recalled"), rule("illustrative"), rule("official"), rule("secondary"), rule("x")]
    result: Any = like(rules=rules, sources=[], schema_version=2)
    made = manifest(result, study_file=study, inputs=[], seed=1, lang="en")
    assert (made["rules"]["count"], made["rules"]["illustrative"]) == (5, 2)
    # sha256 of nothing, as coreutils print it
    assert made["study"]["sha256"].startswith("e3b0c44298fc1c149afbf4c8996fb924")


def test_a_shock_of_ones_own_is_a_file_that_the_study_rests_on() -> None:
    study = like(
        ledger=like(file="sales.csv"),
        stress=like(shocks=["trade-war", "own/storm.toml"]),
        rules=None,
        refund_rates=None,
    )
    world: Any = like(study=study, file=Path("studies/tv.toml"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("offing.study.inputs.rule_files", lambda *_: ())
        inputs = StudyInputs.inputs.fget(world)  # type: ignore[attr-defined]
    assert inputs == (Path("studies/sales.csv"), Path("studies/own/storm.toml"))


def test_an_axis_is_found_by_its_name() -> None:
    demand, fit = (Axis(name, 1.0, (), 1.0) for name in ("demand", "fit"))
    segment = Segment("8528", "DEU", "high", (demand, fit), like(), 1.0)
    assert segment.axis("fit") is fit
    assert segment.axis("demand") is demand


def test_the_first_five_rows_are_named() -> None:
    assert first_few([1, 2, 3, 4, 5]) == "1, 2, 3, 4, 5"
    assert first_few([1, 2, 3, 4, 5, 6]) == "1, 2, 3, 4, 5…"


def test_a_handbook_without_exports_has_no_ratio() -> None:
    """单耗 over nothing exported cannot be told; nothing imported, or a yuan of it, can."""
    assert ratio(Decimal(0), Decimal(10)) == 0
    assert ratio(Decimal("0.5"), Decimal("0.5")) == 1
    for imports, exports in ((Decimal(1), Decimal(0)), (Decimal(-1), Decimal(10))):
        with pytest.raises(InputError):
            ratio(imports, exports)
