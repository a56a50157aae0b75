"""Requirements are dated facts; what nobody thought through is "not checked", never "nothing"."""

from datetime import date

from offing.rules.regime_file import shipped
from offing.rules.requirements import EVERYWHERE, every_requirement, requirements_of

ON = date(2026, 11, 26)
ROWS = every_requirement()
STATES = (
    "legislation.gov.uk", "phmsa.dot.gov", "eur-lex.europa.eu", "ecfr.gov", "govinfo.gov",
    "laws.e-gov.go.jp", "www.law.go.kr",
)  # fmt: skip


def test_every_row_can_be_told() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS) >= 40
    known = set(shipped().regimes)
    for row in ROWS:
        assert row.market == EVERYWHERE or row.market in known, row.id
        assert set(row.scheme) == set(row.needs) == {"en", "zh"}
        assert 0 < row.weeks[0] <= row.weeks[1]
        assert 0 < row.usd[0] <= row.usd[1]
        assert row.document


def test_the_status_of_a_row_is_honest() -> None:
    """Official and secondary rows name where the text was read and some words of it."""
    for row in ROWS:
        read = row.status in ("official", "secondary")
        assert bool(row.source) == bool(row.says) == bool(row.still_valid_on) == read, row.id
        assert row.status in ("official", "secondary", "recalled")
        assert len(row.says.split()) <= 25
        if row.status == "official":
            assert row.source.startswith(STATES), row.id


def test_a_gate_has_a_lead_time() -> None:
    tvs = requirements_of("85287240", "EUR", ON)
    assert tvs.checked
    assert {row.id.split(".")[1] for row in tvs.gates} >= {"energy_label", "radio", "emc"}
    assert tvs.lead_weeks == max(row.weeks[1] for row in tvs.gates) == 12
    assert tvs.ready_on == date(2027, 2, 18)  # 84 days later
    safety = [row for row in requirements_of("8528", "USA", ON).known if not row.gate]
    assert safety
    assert requirements_of("8528", "USA", ON).lead_weeks == 8


def test_unknown_is_not_checked_and_never_none() -> None:
    coffee = requirements_of("090121", "EUR", ON)
    assert (coffee.known, coffee.checked, coffee.lead_weeks, coffee.ready_on) == (
        (),
        False,
        None,
        None,
    )
    chile = requirements_of("8528", "CHL", ON)
    assert not chile.checked
    batteries = requirements_of("850760", "CHL", ON)  # what every carrier asks is known
    assert [row.id for row in batteries.known] == ["all.un383.battery"]
    assert batteries.lead_weeks is None
    assert all(
        row.market in ("EUR", EVERYWHERE) for row in requirements_of("850710", "EUR", ON).known
    )
    assert not any("un383" in row.id for row in requirements_of("850710", "EUR", ON).known)


def test_they_are_dated() -> None:
    before, after = (requirements_of("850760", "EUR", day) for day in (date(2024, 8, 17), ON))
    assert not any(row.id.startswith("eur.battery") for row in before.known)
    assert any(row.id.startswith("eur.battery") for row in after.known)
    assert not any("passport" in row.id for row in after.known)
    later = requirements_of("850760", "EUR", date(2027, 2, 18))
    assert any("passport" in row.id for row in later.known)
