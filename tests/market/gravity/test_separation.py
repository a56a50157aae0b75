"""The 18 separation examples of Correia, Guimarães and Zylkin (ppmlhdfe), all marked right."""

import numpy as np
import polars as pl
import pytest

from offing.market.gravity.separation import separated
from shared_data import shared


@pytest.mark.parametrize("number", range(1, 19))
def test_published_example(number: int) -> None:
    path = shared("separation_examples", f"{number:02d}.csv")
    data = pl.read_csv(path, infer_schema_length=None, truncate_ragged_lines=True)
    regressors = [column for column in data.columns if column.startswith("x")]
    effects = [data[column].to_numpy() for column in data.columns if column.startswith("id")]
    x = data.select(regressors).to_numpy().astype(float).reshape(data.height, len(regressors))
    found = separated(data["y"].to_numpy().astype(float), x, effects)
    assert found.tolist() == (data["separated"] == 1).to_list()


def test_no_zeros_means_no_separation() -> None:
    assert not separated(np.array([1.0, 2.0]), np.array([[1.0], [2.0]])).any()
