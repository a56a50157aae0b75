"""The description of the JSON twins that schemathesis reads: every page, answers of its shape."""

from tempfile import gettempdir

import pytest
from tools.twins import EXAMPLES, described

from offing.warehouse.store import starter_folder
from offing.web.pages import pages
from web_server import Browser


def test_every_page_is_described() -> None:
    assert set(described()["paths"]) == {f"/{page.name}.json" for page in pages()}


@pytest.mark.parametrize("path", sorted(described()["paths"]))
def test_answers_have_the_shape_that_is_described(browser: Browser, path: str) -> None:
    operation = described()["paths"][path]["get"]
    names = [parameter["name"] for parameter in operation["parameters"]]
    for query in ({}, {name: EXAMPLES[name][0] for name in names if name in EXAMPLES}):
        got = browser.get(path, **query)
        answer = operation["responses"][str(got.status_code)]
        required = answer["content"]["application/json"]["schema"]["required"]
        assert set(required) <= set(got.json())


def test_no_page_tells_a_folder_of_the_server(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The data's folder, the study's, and the tax papers' are known by their last part."""
    study = browser.example()
    months = "month,export_date,fob_cny,levy_rate,refund_rate,input_tax\n"
    months += "2026-03,2026-03-10,100000,13%,13%,20000\n2026-03,2026-03-11,bad,13%,13%,\n"
    browser.post("/refund/drop", {"months": ("our months.csv", months.encode())})
    folders = {str(starter_folder().parent), str(tmp_path_factory.getbasetemp()), gettempdir()}
    for page in pages():
        for path in (page.address, f"/{page.name}.json"):
            shown = browser.get(path, study=study).text
            assert not [folder for folder in folders if f"{folder}/" in shown], path
