"""Studies with one figure in another unit, which is asked about or refused, and their twins."""

from decimal import Decimal
from pathlib import Path

import pytest

from cautions import keyed
from offing.api.asking import open_warehouse
from offing.study.checks import plausibility_findings
from offing.study.file import read_study
from offing.study.inputs import read_inputs
from offing.study.sales import ledger_asked

STUDY = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker" / "study.toml"
DOLLAR = Decimal("7.3")


@pytest.mark.parametrize(
    ("day", "rate", "keys"),
    [("2024-12-31", "0.10", set()), ("2018-10-15", "0.15", set()),
     ("2024-12-31", "0.12", {"warn_odd_rate"})],
)  # fmt: skip
def test_a_refund_rate_is_no_levy(tmp_path: Path, day: str, rate: str, keys: set[str]) -> None:
    text = STUDY.read_text(encoding="utf-8")
    text = text.replace("refund_rate = 0.13", f"refund_rate = {rate}", 1)
    file = tmp_path / "study.toml"
    file.write_text(text.replace("on = 2024-12-31", f"on = {day}", 1), encoding="utf-8")
    said = [key for key, values in keyed(plausibility_findings(read_study(file), DOLLAR))
            if values.get("name") == "refund_rate"]  # fmt: skip
    assert {key.removeprefix("study.") for key in said} == keys


def test_ten_months_are_not_taken_for_a_year_in_silence(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_bytes(STUDY.read_bytes())
    head, *lines = (STUDY.parent / "ledger.csv").read_text(encoding="utf-8").splitlines()
    at = head.split(",").index("export_date")
    for first, told in (("2024-01-01", []), ("2024-03-01", [10])):
        kept = [line for line in lines if line.split(",")[at] >= first]
        (tmp_path / "ledger.csv").write_text("\n".join([head, *kept, ""]), encoding="utf-8")
        asked = keyed(ledger_asked(read_inputs(tmp_path, open_warehouse(None))))
        months = [values["months"] for key, values in asked if key == "study.warn_short_year"]
        assert months == told
