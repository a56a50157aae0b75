"""Which lines of a ledger are asked about, on both sides of each threshold."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from offing.sources.ledger_checks import odd_lines
from offing.sources.ledger_prices import exchanged, far_from_its_kind, in_another_currency
from offing.sources.summed import is_sum_of_others

DAY = date(2024, 3, 15)
USUAL: dict[str, Any] = {
    "on": DAY, "market": "DEU", "model": "A", "product": "852872", "quantity": 100.0,
    "unit": "item", "currency": "USD", "amount": 56_000.0, "by_price": None, "invoice": None,
    "buyer": None, "brand": None,
}  # fmt: skip


def frame(*changes: dict[str, Any]) -> pl.DataFrame:
    rows = [{**USUAL, "row": number, **change} for number, change in enumerate(changes, 2)]
    texts = dict.fromkeys(("invoice", "model", "buyer", "brand"), pl.String)
    schema = {"by_price": pl.Float64, **texts}
    return pl.DataFrame(rows, schema_overrides=schema)


def odd(*changes: dict[str, Any], raw: pl.DataFrame | None = None) -> dict[str, list[int]]:
    whole = frame(*changes)
    return {key: rows for key, rows, _ in odd_lines(whole, whole if raw is None else raw)}


def lines(count: int, **more: Any) -> list[dict[str, Any]]:
    """Lines of a day each, so that none is there twice."""
    return [{"on": DAY + timedelta(days=n), **more} for n in range(count)]


@pytest.mark.parametrize(
    ("parts", "asked"), [((30_000.0, 26_000.0), [2]), ((30_000.0, 25_000.0), []), ((), [])]
)
def test_a_heading_beside_its_own_codes_counts_twice(
    parts: tuple[float, ...], asked: list[int]
) -> None:
    finer = [{"product": f"852872{n}0", "amount": each} for n, each in enumerate(parts, 1)]
    found = odd({"product": "8528"}, *finer, {"product": "8516", "market": "FRA"})
    assert found.get("sum_of_codes", []) == asked


@pytest.mark.parametrize(("by_price", "asked"), [(56_561.0, False), (56_561.1, True),
                                                 (55_439.0, False), (55_438.9, True)])  # fmt: skip
def test_price_times_quantity(by_price: float, asked: bool) -> None:
    """A hundredth of the amount, and of a cent a piece: 560 + 1."""
    assert ("price_times_quantity" in odd({"by_price": by_price})) == asked


def test_parts_twice_and_nothing() -> None:
    found = odd(
        {}, {}, {"quantity": 0.5}, {"quantity": 0.5, "unit": "kg"}, {"quantity": 0.0},
        {"quantity": 0.0, "amount": 0.0}, {"market": "CHN"},
    )  # fmt: skip
    assert found["lines_twice"] == [3]
    assert found["part_of_a_piece"] == [4]
    assert found["no_quantity"] == [6]
    assert found["sold_at_home"] == [8]
    assert found["units_mixed"] == [5]


@pytest.mark.parametrize(("same", "asked"), [(2, False), (3, True)])
def test_a_code_of_another_heading(same: int, asked: bool) -> None:
    """Three lines of four tell a heading; two of three are too few, for three are asked for."""
    found = odd(*lines(same), {"product": "852990", "on": DAY + timedelta(days=40)})
    assert ("other_heading" in found) == asked
    if asked:
        assert found["other_heading"] == [2 + same]
        few = odd(*lines(same), *lines(2, product="852990"))
        assert "other_heading" not in few  # three of five
        nameless = odd(*lines(same, model=None), {"product": "852990", "model": None})
        assert "other_heading" not in nameless
        later = odd(*lines(same), {"product": "852990", "on": date(2025, 1, 1)})
        assert "other_heading" not in later  # of another year


@pytest.mark.parametrize(("gap", "asked"), [(1096, False), (1097, True)])
def test_a_day_far_from_all_others(gap: int, asked: bool) -> None:
    """Three years and a day apart, and a fifth of the lines at most."""
    far = {"on": DAY + timedelta(days=3 + gap)}
    found = odd(*lines(4), far)
    assert ("day_far" in found) == asked
    if asked:
        assert found["day_far"] == [6]
        assert "day_far" not in odd(*lines(3), {"on": DAY + timedelta(days=2 + gap)})


def test_words_for_goods_that_came_back() -> None:
    whole = frame({}, {"amount": -5.0}, {}, {})
    raw = whole.select("row").with_columns(
        remark=pl.Series(["退货", "退货", "thanks", None]),
        model=pl.Series(["A", "A", "return valve", "A cancelled"]),
    )
    found = {key: rows for key, rows, _ in odd_lines(whole, raw)}
    assert found["given_back"] == [2, 5]


def test_units_that_were_turned_or_left_out() -> None:
    whole = frame(*lines(3))
    raw = whole.select("row", "model").with_columns(unit=pl.Series(["打", None, "pcs"]))
    said = {key: (rows, values) for key, rows, values in odd_lines(whole, raw)}
    assert said["no_unit"][0] == [3]
    assert said["units_turned"] == ([2], {"units": "打 × 12"})
    own = odd(*lines(2), {"unit": "box", "model": "B"})
    assert own["unit_of_its_own"] == [4]


def test_a_last_row_that_is_the_sum() -> None:
    amounts = {"a": 1.0, "b": 2.0, "c": 4.0, "d": 7.0}
    parts = [
        {**line, "quantity": amounts[model], "amount": 10 * amounts[model], "model": model}
        for line, model in zip(lines(4), amounts, strict=True)
    ]
    assert odd(*parts)["sum_of_all"] == [5]
    assert "sum_of_all" not in odd(*parts[:3], {**parts[3], "currency": "EUR"})
    one, two, three = Decimal(1), Decimal(2), Decimal(3)
    assert not is_sum_of_others([[one, two, three]])  # two figures are often parts of a third
    assert not is_sum_of_others([[one, -one, one, -one, Decimal(0)]])
    assert is_sum_of_others([[one, one, one, three], [None, None, None, None]])
    assert not is_sum_of_others([[one, one, one, three], [one, one, one, two]])
    assert not is_sum_of_others([[]])


@pytest.mark.parametrize(
    ("amount", "far"),
    [(56_000 * 6, False), (56_000 * 6.01, True), (56_000 / 6, False), (56_000 / 6.01, True)],
)
def test_a_price_six_times_that_of_its_model(amount: float, far: bool) -> None:
    whole = frame(*lines(4), {"amount": amount})
    assert whole.filter(far_from_its_kind(whole))["row"].to_list() == ([6] if far else [])
    few = frame({}, {"amount": amount})
    assert few.filter(far_from_its_kind(few)).is_empty()  # two lines tell no middle


@pytest.mark.parametrize(("amount", "far"), [(56_000 * 20, False), (56_000 * 20.1, True)])
def test_a_price_twenty_times_that_of_its_code(amount: float, far: bool) -> None:
    """Where lines name no model, or each another one."""
    for names in ([None] * 5, list("abcde")):
        whole = frame(
            *({**line, "model": name, "amount": amount if n == 4 else 56_000.0}
              for n, (line, name) in enumerate(zip(lines(5), names, strict=True)))
        )  # fmt: skip
        assert whole.filter(far_from_its_kind(whole))["row"].to_list() == ([6] if far else [])


def test_a_price_in_another_currency() -> None:
    """At 560 dollars a set, one of 560 yuan is a slip; one of 560 euro may be a price."""
    found = frame(
        *lines(3), {"currency": "EUR"}, {"currency": "CNY", "amount": 84_000.0},
        {"currency": "CNY", "amount": 84_001.0},
    )  # fmt: skip
    assert in_another_currency(found) == [6]  # half as much again fits, and no more
    assert in_another_currency(frame(*lines(2), {"currency": "CNY"})) == []


def test_quantities_and_amounts_that_changed_places() -> None:
    """Sets at less than two cents; labels may cost that; a part of a cent is no count."""
    cheap = {"quantity": 56_000.0, "amount": 100.0}
    assert exchanged(frame(*lines(3, **cheap)))
    assert not exchanged(frame(*lines(3, **{**cheap, "amount": 100.5})))
    assert not exchanged(frame(*lines(3, **cheap, product="482110")))
    assert not exchanged(frame(*lines(3, **cheap, unit="kg")))
    assert not exchanged(frame(*lines(3)))
    assert not exchanged(frame(*lines(3, **{**cheap, "quantity": 1.0, "amount": 1.0})))
    dear = {"quantity": 1000.0, "amount": 30.0}  # 0.03 dollars are more than two cents of a euro
    assert not exchanged(frame(*lines(3, **dear)))
    assert not exchanged(frame(*lines(3, **dear, currency="EUR")))
    assert exchanged(frame(*lines(3, quantity=1000.0, amount=19.0, currency="EUR")))
    assert not exchanged(frame(*lines(3, quantity=1000.0, amount=21.0, currency="EUR")))


ORDERS = ((300, 560.0), (410, 565.0), (120, 560.0), (500, 548.0))


def orders(*, turned: bool, **more: Any) -> list[dict[str, Any]]:
    """Orders of one model; ``turned`` has the prices under the counts."""
    pairs = [(price, count) if turned else (count, price) for count, price in ORDERS]
    return lines_of([{"quantity": float(c), "amount": c * p, **more} for c, p in pairs])


def lines_of(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"on": DAY + timedelta(days=n), **change} for n, change in enumerate(changes)]


def test_price_and_count_under_each_others_headings() -> None:
    """560 sets at 300, 410, 120 and 500: no model has such prices."""
    assert odd(*orders(turned=True, model="A"))["price_for_count"] == [2, 3, 4, 5]
    assert odd(*orders(turned=True))["price_for_count"] == [2, 3, 4, 5], "a code alone tells it"
    assert "price_for_count" not in odd(*orders(turned=False, model="A"))
    assert "price_for_count" not in odd(*orders(turned=True, model="A")[:3]), "too few"


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 1.0},  # cars, one by one
        {"quantity": 6.0, "model": None},  # of a code, at any price
    ],
)
def test_single_goods_at_any_price_are_goods(change: dict[str, Any]) -> None:
    prices = (9_000.0, 30_000.0, 52_000.0, 12_000.0)
    some = lines_of([{"amount": p * change["quantity"], "model": "A", **change} for p in prices])
    assert "price_for_count" not in odd(*some)


def test_full_containers_at_one_price_list_are_no_exchange() -> None:
    """The same 560 sets in each line, 480 to 575 dollars by market."""
    some = [{"quantity": 560.0, "amount": 560 * p, "model": "A"} for p in (480, 512, 560, 575)]
    assert "price_for_count" not in odd(*lines_of(some))


def test_most_lines_must_look_exchanged() -> None:
    some = [*orders(turned=True, model="A"), *orders(turned=True, model="B")]
    more = [*some, *orders(turned=False, model="C")]
    assert odd(*lines_of(more))["price_for_count"] == list(range(2, 10))
    half = [*more, *orders(turned=False, model="D")]
    assert "price_for_count" not in odd(*lines_of(half)), "its own kind of trade"


def test_a_sum_that_no_word_calls_one() -> None:
    some = [{"quantity": 3.0, "amount": 30.0, "model": "A"},
            {"quantity": 4.0, "amount": 50.0, "model": "B"}]  # fmt: skip
    total = {"quantity": 7.0, "amount": 80.0, "model": None}
    assert odd(*lines_of([*some, total, *some, total]))["sum_of_lines"] == [4, 7]
    for other in ({"model": "C"}, {"amount": 81.0}, {"quantity": 8.0}):
        assert "sum_of_lines" not in odd(*lines_of([*some, {**total, **other}]))
    without = [{**line, "model": None} for line in some]
    assert "sum_of_lines" not in odd(*lines_of([*without, total])), "no line names its model"


@pytest.mark.parametrize("word", ["贷项通知单", "Gutschrift", "CRN", "credit", "Storno", "冲减"])
def test_more_words_of_a_return(word: str) -> None:
    whole = frame({"amount": 500.0}).with_columns(remark=pl.lit(word))
    assert odd({"amount": 500.0}, raw=whole)["given_back"] == [2]


@pytest.mark.parametrize("word", ["credit 60 days", "销售", "invoice", "cn export", "L/C"])
def test_words_of_a_sale(word: str) -> None:
    whole = frame({"amount": 500.0}).with_columns(remark=pl.lit(word))
    assert "given_back" not in odd({"amount": 500.0}, raw=whole)
