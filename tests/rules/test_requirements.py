"""Requirements are dated facts; what nobody thought through is "not checked", never "nothing"."""

from datetime import date

from offing.rules.requirements import EVERYWHERE, every_requirement, requirements_of

ON = date(2026, 11, 26)
ROWS = every_requirement()
STATES = (
    "legislation.gov.uk", "phmsa.dot.gov", "eur-lex.europa.eu", "ecfr.gov", "govinfo.gov",
    "laws.e-gov.go.jp", "www.law.go.kr",
)  # fmt: skip


def test_the_status_of_a_row_is_honest() -> None:
    """Official and secondary rows name where the text was read and some words of it."""
    for row in ROWS:
        read = row.status in ("official", "secondary")
        assert bool(row.source) == bool(row.says) == bool(row.still_valid_on) == read, row.id
        assert row.status in ("official", "secondary", "recalled")
        assert len(row.says.split()) <= 25
        if row.status == "official":
            assert row.source.startswith(STATES), row.id


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
