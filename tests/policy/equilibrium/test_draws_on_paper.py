"""Draws of the elasticity of an equilibrium: about its estimate, and never too small."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from offing.policy.equilibrium import counterfactual
from offing.terms.errors import InputError


def drawn(monkeypatch: pytest.MonkeyPatch, theta: float, se: float, effects: float) -> list[Any]:
    """(elasticity, effect) of each of four draws."""
    monkeypatch.setattr(
        counterfactual, "solve", lambda model, world, shock, setting, theta: (theta, shock)
    )
    setting: Any = SimpleNamespace(theta=theta, theta_se=se)
    shock: Any = SimpleNamespace(se=np.array([effects]), drawn=lambda normal: normal * effects)
    nothing: Any = None
    found: Any = counterfactual.draws_of(nothing, nothing, shock, setting, 4, 7)
    return list(found)


def test_an_elasticity_is_drawn_before_the_effects(monkeypatch: pytest.MonkeyPatch) -> None:
    normal = np.random.default_rng(7).standard_normal(8)
    found = drawn(monkeypatch, 5.0, 2.0, 0.1)
    assert [theta for theta, _ in found] == pytest.approx(5 + 2 * normal[::2])
    assert [effect for _, effect in found] == pytest.approx(0.1 * normal[1::2])
    small = drawn(monkeypatch, 0.0, 1e-9, 0.1)
    assert [theta for theta, _ in small] == [counterfactual.LEAST_THETA] * 4


def test_something_must_have_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(drawn(monkeypatch, 5.0, 0.0, 0.1)) == 4
    assert len(drawn(monkeypatch, 5.0, 1.0, 0.0)) == 4
    with pytest.raises(InputError):
        drawn(monkeypatch, 5.0, 0.0, 0.0)
