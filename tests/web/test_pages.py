"""Every page says what it is called, in the navigation's words."""

import subprocess
import sys
from tempfile import gettempdir

import pytest
from tools.twins import EXAMPLES, described

from offing.terms.messages import has_message
from offing.warehouse.store import starter_folder
from offing.web.page import Page
from offing.web.pages import pages
from web_server import Browser


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_has_a_name_for_people(page: Page) -> None:
    assert has_message(f"web.nav_{page.name.replace('-', '_')}") or not page.listed


def test_nothing_but_serve_loads_the_web_framework() -> None:
    """A command and ``import offing`` must not wait for it, nor need it."""
    code = (
        "import sys, offing; from offing.cli.app import run; "
        "assert run(['--help']) == 0 and run(['serve', '--help']) == 0; "
        "assert run(['rules', '--help']) == 0; "
        "assert not {'fastapi', 'starlette', 'uvicorn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_without_the_extra_serve_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['fastapi'] = None; "
        "from offing.cli.app import run; sys.exit(run(['serve', '--no-browser', '--lang', 'en']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert "offing[serve]" in done.stderr


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
