"""Settings for all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of the code: how long an example takes decides nothing.
settings.register_profile("offing", deadline=None)
settings.load_profile("offing")

SLOW = {
    "test_agents",
    "test_backtest",
    "test_blue_ocean",
    "test_browser",
    "test_evidence",
    "test_outlook",
    "test_scores",
    "test_whatif",
    "test_workwear",
}
"""Files whose tests take the most time: ``make test-lowest`` leaves them out."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow files."""
    for item in items:
        if Path(item.path).stem in SLOW:
            item.add_marker("slow")
