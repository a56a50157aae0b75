"""Several people on one workbench: each sees their own, nobody gets in without a link."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conftest import EXAMPLE
from offing.terms.errors import InputError
from offing.web.guard import COOKIE, Sessions
from offing.web.pages import pages
from offing.web.settings import Settings, VisitorLimits
from web_server import Browser, Served, audit_of, serving

USERS = ("anna", "bo")

LIMITS = VisitorLimits(wrong_tokens=5, requests=10_000)


@pytest.fixture(scope="module")
def anna(server: Served) -> Browser:
    return server.browser("anna")


@pytest.fixture(scope="module")
def bo(server: Served) -> Browser:
    return server.browser("bo")


def test_nobody_gets_in_without_a_token(server: Served) -> None:
    stranger = server.browser()
    for page in pages():
        for path in (page.address, f"/{page.name}.json", f"/{page.name}.csv"):
            shown = stranger.http.get(path)
            assert shown.status_code == 401
            assert "set-cookie" not in shown.headers
    assert stranger.http.post("/start/example", data={"example": "tv-maker"}).status_code == 401


def test_a_wrong_token_opens_nothing_and_guessing_is_slow(server: Served) -> None:
    stranger = server.browser()
    statuses = [stranger.http.get("/", params={"token": f"x{n}"}).status_code for n in range(8)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_a_token_leaves_the_address_and_stays_as_a_cookie(server: Served, anna: Browser) -> None:
    token = server.workbench.sessions.fresh["anna"]
    with httpx.Client(base_url=server.base) as http:
        first = http.get("/", params={"token": token})
        assert first.status_code == 303
        assert "token" not in first.headers["location"]
        cookie = first.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert http.get("/").status_code == 200
    assert token not in (server.workbench.settings.home / "users.json").read_text("utf-8")


@pytest.fixture(scope="module")
def study(anna: Browser) -> str:
    return anna.example()


class TestTwoUsers:
    def test_one_does_not_see_the_other_s_study(self, bo: Browser, study: str) -> None:
        assert bo.get("/start.json").json()["data"]["studies"] == []
        for path in (
            "/plan", "/plan.json", "/ledger", "/ledger.json", "/plan/progress",
            "/start/study.toml",
        ):  # fmt: skip
            shown = bo.get(path, study=study)
            assert shown.status_code == 404
            assert "Haichuan" not in shown.text
        table = bo.get("/ledger.csv", study=study, table="first-rows")
        assert table.status_code == 404

    @pytest.mark.parametrize(
        "name", ["../anna/studies/tv-maker", "..", ".", "anna/studies/tv-maker", "/etc", "%2e%2e"]
    )
    def test_nor_by_a_path(self, bo: Browser, study: str, name: str) -> None:
        assert bo.get("/ledger", study=name).status_code == 404

    def test_one_does_not_change_the_other_s_study(
        self, server: Served, bo: Browser, study: str
    ) -> None:
        place = server.workbench.studies.named("anna", study)
        before = place.file.read_bytes()
        for change in ("/start/remove", "/ledger/forget", "/plan/run", "/plan/stop"):
            assert bo.post(change, study=study).status_code == 404
        assert place.file.read_bytes() == before
        assert server.workbench.jobs.of("anna", study, "run") is None

    def test_a_cookie_of_one_s_own_making_is_none(self, server: Served, bo: Browser) -> None:
        good = bo.http.cookies[COOKIE]
        user, since, mark, signed = good.split(".")
        for forged in (
            f"anna.{since}.{mark}.{signed}", f"{user}.{since}.{mark}.{'0' * 64}",
            f"{user}.9999999999.{mark}.{signed}", "anna", "...", "",
        ):  # fmt: skip
            with httpx.Client(base_url=server.base, cookies={COOKIE: forged}) as http:
                assert http.get("/start.json").status_code == 401

    def test_who_read_which_ledger_is_kept(self, server: Served, anna: Browser, study: str) -> None:
        assert anna.get("/ledger", study=study).status_code == 200
        noted = [e for e in audit_of(server) if e["act"] == "read ledger"]
        assert noted
        assert {(e["user"], e["study"], e["about"]) for e in noted} == {
            ("anna", study, "ledger.csv")
        }
        assert noted[-1]["client"] == "127.0.0.1"


def test_who_is_no_longer_named_is_out(tmp_path: Path) -> None:
    both = Sessions(Settings(tmp_path, users=("anna", "bo")))
    session = both.session_of_token(both.fresh["bo"])
    assert session is not None
    cookie = both.cookie(session)
    assert both.session_of_cookie(cookie) == session
    fewer = Sessions(Settings(tmp_path, users=("anna",)))
    assert fewer.session_of_cookie(cookie) is None
    assert fewer.session_of_token(both.fresh["bo"]) is None
    assert fewer.session_of_token(both.fresh["anna"]) is not None
    assert fewer.fresh == {}, "a token is shown once"
    assert set(json.loads((tmp_path / "users.json").read_text("utf-8"))) == {"anna"}


def test_an_old_cookie_is_none(tmp_path: Path) -> None:
    from offing.web.guard import Session

    sessions = Sessions(Settings(tmp_path, users=("anna",)))
    old = sessions.cookie(Session("anna", 1_000_000_000, "a" * 32))
    assert sessions.session_of_cookie(old) is None


@pytest.mark.parametrize("name", ["", "..", "A", "a/b", "a.b", "-a", "x" * 33])
def test_a_user_s_name_is_a_safe_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        Sessions(Settings(tmp_path, users=(name,)))
    assert caught.value.key == "web.bad_user"


def test_keys_and_folders_are_the_owner_s_alone(server: Served, anna: Browser) -> None:
    assert anna.get("/").status_code == 200
    home = server.workbench.settings.home
    assert (home / "key").stat().st_mode & 0o077 == 0
    assert (home / "users.json").stat().st_mode & 0o077 == 0
    assert (home / "users" / "anna").stat().st_mode & 0o077 == 0


def test_haste_from_a_network_is_cut(tmp_path: Path) -> None:
    limits = VisitorLimits(requests=20, requests_a_second=0.0)
    with serving(tmp_path, users=("anna",), limits=limits) as served:
        browser = served.browser("anna")
        statuses = [browser.http.get("/nothing").status_code for _ in range(25)]
    assert statuses[0] == 404
    assert statuses[-1] == 429


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("given")
    with serving(home, users=("anna", "bo"), limits=LIMITS, study=EXAMPLE) as served:
        yield served


class TestAStudyToStartWith:
    def test_it_is_the_first_user_s_alone(self, given: Served) -> None:
        anna, bo = given.browser("anna"), given.browser("bo")
        assert "mid-to-high-end television" in anna.get("/edit").text
        for page in ("/plan", "/ledger", "/ledger.json", "/edit", "/what-if"):
            shown = bo.get(page)
            assert shown.status_code == 404
            assert "tv-maker" not in shown.text
        assert "tv-maker" not in bo.get("/").text.split('id="look"')[0]
