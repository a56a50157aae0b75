"""Age is the day of the answer less the last look at the document: no clock, no first day."""

import tomllib
from datetime import date, timedelta
from importlib import resources

import pytest

from cautions import keyed
from offing.rules.regime_file import shipped
from offing.rules.register import age_cautions, age_days, horizon_days, past_horizon, written_on
from offing.rules.rule_use import RuleUse, Status
from offing.terms.caution import Caution

LOOKED = date(2026, 11, 1)


def use(
    id_: str = "usa.mpf", looked: date | None = LOOKED, status: Status = "official",
    since: date | None = None, *, loaded: bool = False,
) -> RuleUse:  # fmt: skip
    return RuleUse(id_, "5%", since, None, "", status, still_valid_on=looked, loaded=loaded)


@pytest.mark.parametrize(
    ("days", "age"), [(-400, 0), (-1, 0), (0, 0), (1, 1), (30, 30), (500, 500)]
)
def test_age_is_of_the_answers_day(days: int, age: int) -> None:
    assert age_days(use(), LOOKED + timedelta(days=days)) == age


@pytest.mark.parametrize(
    ("id_", "days"),
    [("usa.301.list1", 30), ("settlement.interest.usd", 60), ("eur.vat.deu", 90), ("ind.igst", 90),
     ("tur.additional", 90), ("bra.ipi", 90), ("mex.duty", 90), ("gbr.vat", 365),
     ("settlement.spread.usd", 365), ("chn.refund.tv", 365)],
)  # fmt: skip
def test_the_edges_of_each_horizon(id_: str, days: int) -> None:
    assert horizon_days(id_) == days
    assert not past_horizon(use(id_), LOOKED + timedelta(days=days))
    assert past_horizon(use(id_), LOOKED + timedelta(days=days + 1))


def test_what_nobody_looked_at_has_no_age_and_goes_by_the_day_of_the_version() -> None:
    never = use("jpn.vat", None, "recalled")
    assert age_days(never, date(2035, 1, 1)) is None
    assert not past_horizon(never, written_on() + timedelta(days=365))
    assert past_horizon(never, written_on() + timedelta(days=366))


def test_a_users_own_rate_and_a_loaded_line_are_never_past() -> None:
    assert not past_horizon(use(status="user"), date(2040, 1, 1))
    assert not past_horizon(use(looked=None, loaded=True), date(2040, 1, 1))


def test_one_caution_for_all_rules_names_the_longest_ago() -> None:
    some = [use("usa.mpf"), use("usa.hmf", date(2026, 10, 1)), use("gbr.vat")]
    assert age_cautions(some, LOOKED) == (Caution("rules.warn_aged",
        {"count": 1, "day": "2026-11-01", "looked": "2026-10-01", "days": "31"}),)  # fmt: skip
    ((_, said),) = keyed(age_cautions([*some, *some], date(2026, 12, 10)))
    assert (said["count"], said["looked"], said["days"]) == (2, "2026-10-01", "70")
    assert age_cautions(some[2:], LOOKED) == ()


def test_the_rules_have_a_version_which_is_that_of_their_newest_entry() -> None:
    """Entries name an importer that is there, and stand newest first."""
    text = resources.files("offing.rules").joinpath("changelog.toml").read_text(encoding="utf-8")
    log = tomllib.loads(text)
    versions = [entry["version"] for entry in log["entry"]]
    assert log["version"] == versions[0] == max(versions)
    assert versions == sorted(versions, reverse=True)
    known = {
        *shipped().regimes,
        "ALL",
        "CHN_REFUND",
        "SETTLEMENT",
        "EAEU",
        "DEFENCE",
        "REQUIREMENTS",
    }
    for entry in log["entry"]:
        assert entry["importer"] in known
        assert entry["what"].strip()
        date.fromisoformat(entry["version"].replace(".", "-"))


def test_an_old_rate_that_still_holds_is_not_old() -> None:
    old = use("eur.vat.deu", since=date(1968, 1, 1))
    assert (age_days(old, LOOKED), past_horizon(old, LOOKED)) == (0, False)
