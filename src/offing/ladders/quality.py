"""Quality: what buyers pay for beyond the price, after Khandelwal, Schott and Wei.

At the same price, better goods sell more. Khandelwal, Schott and Wei (2013), AER 103(6), read
quality from that; Bas, Fontagné, Martin and Mayer (2015), Notes du CAE 23, made it fit the data of
countries.
With q the quantity, p the unit value and σ the elasticity of substitution of the product::

    ln q + σ ln p = b ln GDP(exporter) + λ'D(exporter, importer) + a(importer, product, year) + e
    quality = exp(e / (σ - 1))

A unit value is dear for many reasons; quality counts only the part for which buyers still come.
It has no level of its own: within one market, product and year its geometric mean is 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.messages import nearest, say

CELL = ["year", "product", "importer"]
REGRESSORS = ("log_gdp", "log_km", "contiguous", "common_language", "colony")
NOTHING = 1e-10
"""Share of a regressor's variance that counts as none."""

PROTEE_COLUMNS = ("HS6", "zero", "positive", "sigma")


@dataclass(frozen=True)
class Quality:
    """Quality of each flow that can be compared.

    Attributes:
        flows: ``year``, ``product``, ``importer``, ``exporter``, ``unit_value``, ``quality`` and
            ``price_for_quality`` (unit value over quality: what a unit of quality costs).
        slopes: regressor → coefficient; ``None`` where it does not vary within any market.
        left_out: reason (a message key) → flows.
    """

    flows: pl.DataFrame
    slopes: dict[str, float | None]
    left_out: dict[str, int]


@dataclass(frozen=True)
class ProteeElasticities:
    """Elasticities of substitution from CEPII's ProTEE file.

    Attributes:
        sigma: HS6 code (HS 2007) → elasticity, above 1.
        replaced: codes whose own estimate was not significant or had the wrong sign: the file has
            the mean of their heading instead.
        unusable: codes without a value, or with one of 1 or less.
    """

    sigma: dict[str, float]
    replaced: frozenset[str]
    unusable: frozenset[str]


def quality(
    priced: pl.DataFrame, *, gdp: pl.DataFrame, distances: pl.DataFrame, sigma: Mapping[str, float]
) -> Quality:
    """The quality of each flow, relative to its rivals in the same market, product and year.

    Args:
        priced: flows as ``unit_values.priced`` gives them (collected): ``year``, ``product``,
            ``importer``, ``exporter``, ``quantity`` and ``unit_value``.
        gdp: ``country``, ``year``, ``value`` in USD, as ``gdp_usd`` of the table ``indicators``.
        distances: the table ``distances``.
        sigma: product → elasticity of substitution, above 1. There is no default: an elasticity
            that is made up makes up the quality. See :func:`read_protee`.

    Raises:
        InputError: ``quality.bad_sigma``.
        MissingDataError: ``quality.nothing_left``.
    """
    for code, value in sorted(sigma.items()):
        if not (np.isfinite(value) and value > 1):
            raise InputError("quality.bad_sigma", product=code, value=value)
    rows, left_out = _complete(priced, gdp, distances, sigma)
    if rows.is_empty():
        reasons = "; ".join(f"{say(key)}: {count}" for key, count in left_out.items())
        raise MissingDataError("quality.nothing_left", flows=priced.height, reason=reasons or "–")
    centred = rows.select(
        (column - column.mean().over(CELL)).alias(column.meta.output_name())
        for column in (pl.col("demand"), *(pl.col(name) for name in REGRESSORS))
    )
    y = centred["demand"].to_numpy()
    x = centred.select(REGRESSORS).to_numpy()
    size = np.sqrt((x**2).sum(axis=0))
    raw = np.sqrt((rows.select(REGRESSORS).to_numpy() ** 2).sum(axis=0))
    varies = size > np.sqrt(NOTHING) * np.maximum(raw, 1.0)
    scaled = x[:, varies] / size[varies]
    coefficients, *_ = np.linalg.lstsq(scaled, y, rcond=NOTHING)
    slopes: dict[str, float | None] = dict.fromkeys(REGRESSORS)
    for name, slope in zip(np.array(REGRESSORS)[varies], coefficients / size[varies], strict=True):
        slopes[str(name)] = float(slope)
    flows = (
        rows.with_columns(rest=pl.Series(y - scaled @ coefficients))
        .with_columns(quality=(pl.col("rest") / (pl.col("sigma") - 1)).exp())
        .with_columns(price_for_quality=pl.col("unit_value") / pl.col("quality"))
        .select(*CELL, "exporter", "unit_value", "quality", "price_for_quality")
        .sort(*CELL, "exporter")
    )
    return Quality(flows, slopes, left_out)


def _complete(
    priced: pl.DataFrame, gdp: pl.DataFrame, distances: pl.DataFrame, sigma: Mapping[str, float]
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Flows with all that the equation needs, and why the others are left out."""
    elasticities = pl.DataFrame(
        {"product": list(sigma), "sigma": list(sigma.values())},
        schema={"product": pl.String, "sigma": pl.Float64},
    )
    economies = gdp.select("year", pl.col("country").alias("exporter"), gdp="value").unique(
        ["year", "exporter"]
    )
    ways = distances.rename({"origin": "exporter", "destination": "importer"}).unique(
        ["exporter", "importer"]
    )
    year = pl.col("year").cast(pl.Int64)
    rows = (
        priced.with_columns(year)
        .join(elasticities, on="product", how="left")
        .join(economies.with_columns(year), on=["year", "exporter"], how="left")
        .join(ways, on=["exporter", "importer"], how="left")
    )

    def positive(name: str) -> pl.Expr:
        return (pl.col(name).is_finite() & (pl.col(name) > 0)).fill_null(False)

    reason = (
        pl.when(~(positive("unit_value") & positive("quantity")))
        .then(pl.lit("quality.no_unit_value"))
        .when(~positive("sigma"))
        .then(pl.lit("quality.no_sigma"))
        .when(~positive("gdp"))
        .then(pl.lit("quality.no_gdp"))
        .when(~positive("km"))
        .then(pl.lit("quality.no_distance"))
    )
    rows = rows.with_columns(reason=reason)
    rivals = pl.len().over(*CELL, "reason")
    rows = rows.with_columns(
        reason=pl.when(pl.col("reason").is_null() & (rivals < 2))
        .then(pl.lit("quality.no_rival"))
        .otherwise(pl.col("reason"))
    )
    counts = rows.drop_nulls("reason").group_by("reason").len().sort("reason")
    good = rows.filter(pl.col("reason").is_null()).with_columns(
        demand=pl.col("quantity").log() + pl.col("sigma") * pl.col("unit_value").log(),
        log_gdp=pl.col("gdp").log(),
        log_km=pl.col("km").log(),
        **{name: pl.col(name).fill_null(False).cast(pl.Float64) for name in REGRESSORS[2:]},
    )
    return good, dict(counts.iter_rows())


def read_protee(path: Path) -> ProteeElasticities:
    """Read CEPII's product-level trade elasticities, a CSV with HS6, zero, positive and sigma.

    Fontagné, Guimbard and Orefice (2022), Journal of International Economics 137: the response of
    import values, before duty, to the duty. It is −σ, so the sign is turned. ``zero`` marks
    estimates that are not significant, ``positive`` those of the wrong sign.

    Raises:
        InputError: ``quality.no_file``, ``quality.protee_columns``, ``quality.protee_value``.
    """
    if not path.is_file():
        raise InputError("quality.no_file", where=Where(path), path=path)
    table = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
    for name in PROTEE_COLUMNS:
        if name not in table.columns:
            raise InputError(
                "quality.protee_columns",
                where=Where(path, row=1, column=name),
                name=name,
                near=nearest(name, table.columns, cutoff=0.0) or "–",
            )
    sigma: dict[str, float] = {}
    replaced, unusable = set(), set()
    for number, line in enumerate(table.iter_rows(named=True), start=2):
        code, value = _protee_line(line, Where(path, number))
        if not (np.isfinite(value) and value > 1):
            unusable.add(code)
            continue
        sigma[code] = value
        if "1" in (line["zero"], line["positive"]):
            replaced.add(code)
    return ProteeElasticities(sigma, frozenset(replaced), frozenset(unusable))


def _protee_line(line: dict[str, str | None], where: Where) -> tuple[str, float]:
    """The product and its σ; not a number where there is none."""
    code = (line["HS6"] or "").strip().zfill(6)
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise InputError(
            "quality.protee_value", where=replace(where, column="HS6"), text=line["HS6"]
        )
    text = (line["sigma"] or "").strip()
    try:
        return code, -float(text) if text else float("nan")
    except ValueError:
        raise InputError(
            "quality.protee_value", where=replace(where, column="sigma"), text=text
        ) from None
