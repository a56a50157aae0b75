"""The archives of this working copy, built once for all tests of a release."""

from pathlib import Path

import pytest
from tools import release

from working_copy import committed


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This working copy as one commit of another one."""
    return committed(tmp_path_factory.mktemp("copy"))


@pytest.fixture(scope="session")
def built(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Its archives."""
    return release.archives(copy, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def wheel(built: list[Path]) -> Path:
    """Its wheel."""
    return next(file for file in built if file.suffix == ".whl")
