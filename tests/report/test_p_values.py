"""How small a p is told."""

from offing.report.views.gravity import _p_value


def test_a_p_is_never_told_as_nought() -> None:
    assert _p_value(7e-12) == "<0.0001"
    assert (_p_value(0.0001), _p_value(0.0412)) == ("0.0001", "0.0412")
