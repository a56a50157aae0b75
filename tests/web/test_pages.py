"""Every page says what it is called, in the navigation's words."""

import pytest

from offing.terms.messages import known
from offing.web.page import Page
from offing.web.pages import pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_has_a_name_for_people(page: Page) -> None:
    assert known(f"web.nav_{page.name.replace('-', '_')}") or not page.listed
