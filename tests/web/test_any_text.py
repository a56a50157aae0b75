"""Any text in any field of any page: an answer, or a page that says what was wrong and what next.

``OFFING_EXAMPLES`` sets how many are tried on each page.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from conftest import EXAMPLE
from offing.web.app import create_app
from offing.web.pages import pages
from offing.web.settings import Settings

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("OFFING_EXAMPLES", "8"))
ANSWERED = {
    "ladder": {"product": "8528", "market": "DEU", "price": "560"},
    "markets": {"product": "8528", "origin": "CHN"},
    "quote": {"product": "852872", "destination": "DEU", "price": "560 USD", "cost": "3150 CNY"},
    "settle": {"amount": "100000", "currency": "EUR", "market": "DEU", "on": "2024-12-31"},
    "law": {"country": "DEU", "on": "2024-12-31"},
}
ALWAYS = ("lang", "table", "study", "part", "without", "alone", "world", "token")
EXPECTED = {200, 400, 401, 404, 413, 429}
NASTY = (
    "", " ", "0", "-1", "-0", "1e999", "1e-400", "nan", "inf", "１２", "٣", "0x10", "1_000",
    "1,000", "1.000", "12.5万", "2%", "101%", "-3%", "2024-02-30", "0001-01-01", "9999-12-31",
    "2024-13", "2024-06-31", "a\x00b", "\u202eabc", "' OR 1=1 --", "{{7*7}}", "{0}", "%s%n",
    "../../etc/passwd", "<script>", "8528" * 60, "😀" * 30, "EUR", "CNY=", "=7", "USD=0", "CNY=-7",
    "DEU", "Atlantis", "852872", "99", "9" * 400, "1" + "0" * 30 + " USD", "on", "true",
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.dates().map(str),
    st.floats().map(repr),
    st.integers().map(str),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, finished: Path) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("any-text")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OFFING_WAREHOUSE", str(home / "no-warehouse"))
        app = create_app(Settings(home / "bench"))
        place = app.state.workbench.studies.new("owner", "tv")
        for file in EXAMPLE.iterdir():
            if file.is_file():
                shutil.copy(file, place.folder)
        shutil.copytree(finished, place.results)
        with TestClient(app, base_url="http://127.0.0.1:8628") as found:
            yield found


def fields(client: TestClient, address: str, query: dict[str, str]) -> list[str]:
    """Every field of the page's forms that ask."""
    text = client.get(address, params=query | {"lang": "en"}).text
    forms = re.findall(r'<form[^>]*method="get".*?</form>', text, re.DOTALL)
    return sorted({name for form in forms for name in re.findall(r'name="([\w-]+)"', form)})


@pytest.mark.parametrize("page", [page.name for page in pages()])
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES < 50)
@given(data=st.data())
@example(data=None)
def test_any_text_is_answered_or_refused(
    client: TestClient, page: str, data: st.DataObject | None
) -> None:
    shown = next(one for one in pages() if one.name == page)
    base = ANSWERED.get(page, {}) | ({"study": "tv"} if shown.needs_study else {})
    names = [*fields(client, shown.address, base), *ALWAYS]
    query = dict(base)
    if data is not None:
        drawn = st.dictionaries(st.sampled_from(names), TEXTS, min_size=1, max_size=2)
        query |= data.draw(drawn, label="query")
    _must_be_answered(client, shown.address, query, "next")
    _must_be_answered(client, f"/{page}.json", query, '"next"')
    _must_be_answered(client, f"/{page}.csv", {"table": "columns"} | query, "next")


def _must_be_answered(client: TestClient, path: str, query: dict[str, str], step: str) -> None:
    answer = client.get(path, params=query, headers={"accept-language": "en"})
    assert answer.status_code in EXPECTED, (path, query)
    if answer.status_code == 200:
        return
    if path.endswith(".json"):
        said = answer.json()
        assert said["found"]
        assert said["expected"] or said["next"], (path, query, said)
    else:
        assert 'role="alert"' in answer.text, (path, query)
        nexts = ("<dd>", 'class="choices"')
        assert any(map(answer.text.__contains__, nexts)) or step in answer.text.lower(), query
