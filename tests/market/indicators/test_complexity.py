"""RCA, complexity and fitness against published numbers, closed forms and a plain reference."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offing
from offing.market.indicators.space import Exports, complexity, fitness, has_advantage, parts, rca
from offing.terms.countries import all_countries
from offing.terms.errors import MissingDataError
from shared_data import shared


@pytest.fixture(scope="module")
def sitc() -> Exports:
    """226 countries × 785 SITC products, average of 1998-2000 (R package economiccomplexity)."""
    return Exports.of(
        pl.read_parquet(shared("panel_sitc4_1998_2000", "world_trade_avg_1998_2000.parquet"))
    )


def of(values: np.ndarray, countries: tuple[str, ...]) -> dict[str, float]:
    return {code.upper(): float(value) for code, value in zip(countries, values, strict=True)}


def test_eci_of_the_reference_matrix(sitc: Exports) -> None:
    """Values recomputed from R's economiccomplexity matrix, which standardises with C − 1."""
    m = has_advantage(sitc.value)
    found_eci, _, eigenvalue = complexity(m)
    count = len(sitc.countries)
    eci = of(found_eci * np.sqrt((count - 1) / count), sitc.countries)
    published = {
        "JPN": 2.2576, "GBR": 1.9200, "DEU": 1.8802, "USA": 1.8210,
        "KOR": 1.2594, "CHN": 0.6004, "IND": -0.1226, "VNM": -0.7438,
    }  # fmt: skip
    assert {code: eci[code] for code in published} == pytest.approx(published, abs=5e-5)
    assert eigenvalue == pytest.approx(0.17913, abs=5e-6)
    assert of(m.sum(axis=1), sitc.countries)["CHN"] == 294


def test_fitness_of_the_reference_matrix(sitc: Exports) -> None:
    """R's economiccomplexity, 20 iterations; the note gives a gap of 1.4e-4 to its output."""
    found = of(fitness(has_advantage(sitc.value), most=20)[0], sitc.countries)
    published = {
        "DEU": 3.8129, "USA": 3.1060, "GBR": 3.0597, "JPN": 2.9021,
        "CHN": 2.3357, "IND": 2.1521, "KOR": 1.7612, "VNM": 1.1696,
    }  # fmt: skip
    assert {code: found[code] for code in published} == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize("world", [*range(6)])
def test_fitness_is_a_fixed_point(world: int) -> None:
    """By an own iteration of the equations of Tacchella et al. (2012), in full, 2,000 times."""
    m = has_advantage(random_world(world))
    f, q = np.ones(m.shape[0]), np.ones(m.shape[1])
    for _ in range(2_000):
        f, q = m @ q, 1 / (m / f[:, None]).sum(axis=0)
        f, q = f / f.mean(), q / q.mean()
    found_f, found_q = fitness(m)
    assert found_f == pytest.approx(f, abs=1e-8)
    assert found_q == pytest.approx(q, abs=1e-8)


def test_fitness_that_does_not_settle_is_told() -> None:
    """In a small made-up world a country's fitness falls without end; in a large one none does."""
    for size, open_ended in (((6, 6), True), ((14, 40), False)):
        value = random_world(0, *size)
        codes = [*all_countries()]
        rows = [
            (2023, codes[i], "DEU", f"{8401 + k}", x) for (i, k), x in np.ndenumerate(1e6 * value)
        ]
        names = ["year", "exporter", "importer", "product", "value_usd"]
        told = offing.indicators("fitness", flows=pl.DataFrame(rows, names, orient="row")).cautions
        found = "indicators.fitness_moves" in [caution.key for caution in told]
        own = fitness(has_advantage(value), most=2_000)[0], fitness(has_advantage(value))[0]
        assert found == open_ended == (np.abs(own[1] - own[0]).max() > 1e-6)


def random_world(seed: int, countries: int = 14, products: int = 40) -> np.ndarray:
    rng = np.random.default_rng(seed)
    pull = rng.normal(0, 1, (countries, 1)) + rng.normal(0, 1, products)
    return np.asarray(np.exp(pull + rng.normal(0, 0.8, (countries, products))))


def test_eci_equals_the_products_side_eigenvector() -> None:
    """The definition of Hidalgo and Hausmann, with the large matrix and no symmetry used."""
    m = has_advantage(random_world(1))
    by_country = m / m.sum(axis=1, keepdims=True)
    by_product = m / m.sum(axis=0, keepdims=True)
    values, vectors = np.linalg.eig(by_product.T @ by_country)
    pci = np.real(vectors[:, np.argsort(np.real(values))[-2]])
    eci = by_country @ pci
    sign = np.sign(np.corrcoef(eci, m.sum(axis=1))[0, 1])
    found_eci, found_pci, _ = complexity(m)
    assert found_eci == pytest.approx(sign * (eci - eci.mean()) / eci.std(), abs=1e-10)
    assert found_pci == pytest.approx(sign * (pci - eci.mean()) / eci.std(), abs=1e-10)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_identities(seed: int) -> None:
    """World shares of RCA add to one; ECI is the mean PCI of a country's advantages."""
    value = random_world(seed)
    share = value.sum(axis=0) / value.sum()
    assert rca(value) @ share == pytest.approx(np.ones(len(value)))
    assert rca(value * 1e15) == pytest.approx(rca(value))
    m = has_advantage(value)
    some = m[m.any(axis=1)]
    if parts((some @ some.T).astype(float)) > 1:
        return
    found_eci, found_pci, eigenvalue = complexity(m)
    assert (m @ np.nan_to_num(found_pci)) / m.sum(axis=1) == pytest.approx(found_eci, abs=1e-9)
    assert 0 <= eigenvalue <= 1
    assert fitness(m)[0].mean() == pytest.approx(1)


def test_what_is_not_traded_is_no_row_of_the_matrix() -> None:
    """Nothing and less than nothing are left out, and with them who sells nothing else."""
    rows = [("A", "1", 2.0), ("A", "2", 0.0), ("B", "2", 3.0), ("B", "1", -1.0), ("C", "1", 0.0)]
    table = pl.DataFrame(rows, schema=["country", "product", "value"], orient="row")
    exports = Exports.of(table)
    assert (exports.countries, exports.products) == (("A", "B"), ("1", "2"))
    assert exports.value.tolist() == [[2.0, 0.0], [0.0, 3.0]]
    with pytest.raises(MissingDataError):
        Exports.of(table.filter(pl.col("value") <= 0))
