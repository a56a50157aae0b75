"""A workbench for each file of tests, and a browser for each test."""

from collections.abc import Iterator

import pytest

from web_server import Browser, Served, put_study, serving


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """With the ``USERS`` and ``LIMITS`` of the file, and its ``STUDY`` as the owner's ``tv``."""
    users, limits, study = (
        getattr(request.module, name, None) for name in ("USERS", "LIMITS", "STUDY")
    )
    home = tmp_path_factory.mktemp("workbench")
    with serving(home, users=users or (), limits=limits) as served:
        if study is not None:
            put_study(served, study)
        yield served


@pytest.fixture
def browser(server: Served) -> Browser:
    """A new one, of nobody."""
    return server.browser()
