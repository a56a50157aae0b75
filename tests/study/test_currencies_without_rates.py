"""Lines in a currency that the ECB does not quote: the nearest level, marked; else what to load."""

from datetime import date
from pathlib import Path

import pytest

import offing
from cautions import keyed
from offing.terms.errors import InputError
from offing.warehouse.exchange_rates import fx_of
from offing.warehouse.store import Warehouse, starter_folder
from study.test_left_out import LEDGER, MARKETS, SALES, TWO

TV = "2024-06-16,Vietnam,852872,LX-55U,100,{amount},{currency}\n"
CHAIR = "2024-06-16,Vietnam,9401,MAGE-1,100,{amount},{currency}\n"


def study(folder: Path, lines: str, more: str = "") -> Path:
    file = folder / "study.toml"
    file.write_text(TWO + MARKETS.replace('"USA"', '"USA", "VNM"') + LEDGER + more, "utf-8")
    (folder / "ledger.csv").write_text(SALES + lines, "utf-8")
    return file


def per_dollar(currency: str, day: str) -> float:
    """Units for one dollar of the shipped collection, by hand: two rows of one day."""
    thin = Warehouse(starter_folder(), is_starter=True).table("fx_thin")
    rows = dict(thin.filter(thin["on"].cast(str) == day).select("currency", "per_cny").rows())
    return float(rows[currency] / rows["USD"])


def test_a_level_stands_in_and_is_marked(tmp_path: Path) -> None:
    dong = round(30_000 * per_dollar("VND", "2024-06-15"))
    file = study(tmp_path, TV.format(amount=dong, currency="VND"))
    answer = offing.plan(file)
    said = dict(keyed(answer.cautions))
    assert said["book.warn_levels"] == {
        "currency": "VND", "count": 1, "first": "2024-06-15", "last": "2024-06-15",
    }  # fmt: skip
    assert said["study.warn_only_level"] == {"currency": "VND"}
    book = offing.book(tmp_path / "ledger.csv", product="8528")
    assert book.book.total.rows[-1].value_usd == pytest.approx(630_000, rel=1e-6)
    assert [note.key for note in book.notes if "level" in note.key] == ["book.warn_levels"]


def test_a_table_without_the_dollar_gives_its_days_rate(tmp_path: Path) -> None:
    """100 × TWD 800 at 4.5 for a yuan; the dollar's yuan by the ECB, on Saturday of the Friday."""
    rates, ledger = tmp_path / "twd.csv", tmp_path / "ledger.csv"
    days = ("2024-02-01", "2024-02-03")
    rates.write_text("date,currency,per_cny\n" + "".join(f"{d},TWD,4.5\n" for d in days), "utf-8")
    offing.load("fx-thin", [rates], warehouse=tmp_path / "house")
    ecb = Warehouse(starter_folder(), is_starter=True).table("fx_rates")
    for sold, quoted in zip(days, ("2024-02-01", "2024-02-02"), strict=True):
        ledger.write_text(
            SALES.splitlines(keepends=True)[0] + f"{sold},Vietnam,852872,LX,100,80000,TWD\n",
            "utf-8",
        )
        euro = dict(ecb.filter(ecb["on"].cast(str) == quoted).select("currency", "per_eur").rows())
        usd = 80_000 / 4.5 / float(euro["CNY"] / euro["USD"])
        book = offing.book(ledger, product="8528", warehouse=tmp_path / "house").book
        assert book.total.rows[-1].value_usd == pytest.approx(usd, rel=1e-9)
        fx = fx_of(Warehouse(tmp_path / "house"), date.fromisoformat(sold))
        assert float(fx.thin["TWD"][0]) == pytest.approx(80_000 / usd, rel=1e-9)


def test_a_volatility_of_the_study_is_taken(tmp_path: Path) -> None:
    dong = round(30_000 * per_dollar("VND", "2024-06-15"))
    more = '[settlement]\naccepts = ["USD"]\n[settlement.volatility]\nVND = 0.04\n'
    file = study(tmp_path, TV.format(amount=dong, currency="VND"), more)
    assert "study.warn_only_level" not in dict(keyed(offing.plan(file).cautions))


def test_of_a_model_left_out_it_does_not_stop_the_others(tmp_path: Path) -> None:
    file = study(tmp_path, CHAIR.format(amount=999_999, currency="TOP"))
    said = dict(keyed(offing.plan(file).cautions))
    assert said["study.warn_without_rate"] == {"count": 1, "currency": "TOP"}
    assert said["study.warn_left_out_loaded_sold"]["usd"] == 200_000, "what has rates is told"


def test_a_rate_of_the_study_is_taken_where_none_is_loaded(tmp_path: Path) -> None:
    """30,000 dollars for 100 sets, in paʻanga at 2.4 for a dollar: told as the dollars are."""
    more = '[settlement]\naccepts = ["USD"]\n[settlement.volatility]\nTOP = 0.04\n'
    (tmp_path / "dollars").mkdir()
    own = "[rates.per_usd]\nTOP = 2.4\n"
    file = study(tmp_path, TV.format(amount=72_000, currency="TOP"), more + own)
    same = study(tmp_path / "dollars", TV.format(amount=30_000, currency="USD"), more)
    found, dollars = offing.plan(file), offing.plan(same)
    assert not [key for key, _ in keyed(found.cautions) if "rate" in key or "level" in key]
    sold = [[row.sales_usd for row in answer.planned.plan.rows] for answer in (found, dollars)]
    assert sold[0] == pytest.approx(sold[1], rel=0.003)  # it moves a little by itself


def test_a_rate_of_the_study_wins_over_the_loaded_one(tmp_path: Path) -> None:
    """Yuan at a tenth more for a dollar: each of the day's rates to the yuan is a tenth more."""
    file = study(tmp_path, "")
    day = offing.plan(file).planned.decided.cny_per_usd
    own = study(tmp_path, "", f"[rates.per_usd]\nCNY = {1.1 * day:.8f}\n")
    assert offing.plan(own).planned.decided.cny_per_usd == pytest.approx(1.1 * day)


@pytest.mark.parametrize(
    ("own", "key"), [("USD = 7.1", "study.bad_value"), ("CNY = 0.14", "landed.rate_upside_down")]
)
def test_a_rate_of_the_study_that_is_turned_over(tmp_path: Path, own: str, key: str) -> None:
    with pytest.raises(InputError) as refused:
        offing.plan(study(tmp_path, "", f"[rates.per_usd]\n{own}\n"))
    assert refused.value.key == key


def test_a_ledger_begins_with_the_models_that_have_rates(tmp_path: Path) -> None:
    """A line in paʻanga leaves its own model without sales in dollars, and that is said."""
    ledger = tmp_path / "book.csv"
    ledger.write_text(
        SALES + TV.format(amount=1, currency="TOP") + TV.replace("LX-55U", "B1").format(
            amount=31_000, currency="USD"
        ), "utf-8",
    )  # fmt: skip
    answer = offing.begin(ledger, tmp_path / "study")
    sold = {model["name"]: model["sales_usd"] for model in answer.data()["models"]}
    assert (sold["B1"], sold["LX-55U"]) == (31_000, None)
    assert dict(keyed(answer.cautions))["begin.no_rate"] == {"count": 1, "currency": "TOP"}
