"""Expected trade: its interval against the derivative it stands for."""

import polars as pl
import pytest

from gravity_world import world
from offing.market.gravity.batch import fit_products
from offing.market.gravity.estimates import Gravity
from offing.market.gravity.expected import expected_trade
from offing.terms.errors import InputError, MissingDataError


@pytest.fixture(scope="module")
def fitted() -> tuple[Gravity, pl.DataFrame]:
    flows, pairs = world(1)
    lonely = pl.DataFrame(
        {"product": ["01"], "exporter": ["A00"], "importer": ["A01"], "value_usd": [1.0]}
    )
    flows = pl.concat([flows, lonely.select(flows.columns)])
    return fit_products(flows, pairs), flows


@pytest.mark.parametrize(
    ("product", "origin", "error", "key"),
    [
        ("99", "A00", InputError, "gravity.unknown_product"),
        ("850000", "XXX", InputError, "gravity.unknown_country"),
        ("01", "A00", MissingDataError, "gravity.not_estimated"),
    ],
)
def test_what_cannot_be_expected(
    fitted: tuple[Gravity, pl.DataFrame],
    product: str,
    origin: str,
    error: type[Exception],
    key: str,
) -> None:
    fit, flows = fitted
    with pytest.raises(error) as caught:
        expected_trade(fit, flows, product, origin, level=0.8)
    assert caught.value.key == key  # type: ignore[attr-defined]
