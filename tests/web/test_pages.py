"""Every page says what it is called, in the navigation's words."""

import subprocess
import sys

import pytest

from offing.terms.messages import has_message
from offing.web.page import Page
from offing.web.pages import pages


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
