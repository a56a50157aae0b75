"""``offing share`` and ``offing firms``: from the example's study to a province's page."""

import hashlib
import json
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import offing
from firm_answers import put
from offing.api.firms import firms
from offing.api.share import share
from offing.cli.app import run
from offing.study.share import ShareLine, read_result, read_share
from offing.terms.errors import InputError
from shared_data import ROOT

EXAMPLE = "examples/tv-maker"
MUSEUM = ROOT / "tests/museum/studies/tv-maker/study.toml"
LINE = ShareLine(
    "Firm", "medium", date(2026, 10, 31), (("8528", "DEU", 1e6),), (("8528", "POL"),),
    (("8528", "VNM", 2e4, False),), 0.2, ("fairs",),
)  # fmt: skip


def page(answer: Any) -> str:
    """What is said of an answer, with its tables and pictures."""
    assert callable(offing.firms), "what is asked for here can be shown"
    return str(answer._repr_html_()).replace("\N{NO-BREAK SPACE}", " ")


def put_study(folder: Path, text: str) -> None:
    """What ``offing run`` writes of a study, as far as it is handed in."""
    folder.mkdir()
    (folder / "result.json").write_text(text, "utf-8")
    seal = {"result": {"sha256": hashlib.sha256(text.encode()).hexdigest()}}
    (folder / "manifest.json").write_text(json.dumps(seal), "utf-8")


def several(count: int) -> list[ShareLine]:
    return [replace(LINE, firm=f"Firm {n}") for n in range(count)]


@pytest.mark.usefixtures("planned_once")
def test_a_study_is_shown_in_full_and_saved_without_cost_price_or_buyer(tmp_path: Path) -> None:
    shown = share(EXAMPLE, size="medium", support="credit insurance")
    assert shown.file is None
    saved = share(EXAMPLE, size="medium", support=["credit insurance"], to=tmp_path)
    assert saved.file is not None
    assert read_share(saved.file) == saved.line == shown.line
    told = saved.file.read_text("utf-8")
    for secret in ("cost", "price", "buyer", "Esempio", "2130", "HC-55Q"):
        assert secret not in told
    assert saved.line.sales is not None
    assert {heading for heading, _, _ in saved.line.sales} == {"8528"}
    assert all(usd == float(f"{usd:.2g}") for _, _, usd in saved.line.sales)
    assert ("8528", "VNM") in {one[:2] for one in saved.line.unclaimed}


def test_sums_of_a_folder_and_what_does_not_count(tmp_path: Path) -> None:
    twice = [replace(LINE, firm="Firm 3", on=date(2026, month, 1)) for month in (1, 2)]
    folder = put(tmp_path / "answers", *several(4), *twice)
    for name, spare in (("a", 0.1), ("b", None)):  # of one day, and not the same
        text = json.dumps(replace(LINE, firm="Unclear", spare=spare).data())
        (folder / f"{name}.json").write_text(text, "utf-8")
    (folder / "edited.json").write_text(
        json.dumps(replace(LINE, firm="Cheat").data()).replace("1000000", "9000000"), "utf-8"
    )
    (folder / "other.json").write_text("[]", "utf-8")
    (folder / "notes.docx").write_bytes(b"x")
    asked = tmp_path / "asked.csv"
    asked.write_text("firm,exports_usd\n" + "".join(f"Firm {n},{n + 1}e6\n" for n in range(6)))
    answer = firms(folder, asked=asked)
    (sales,) = answer.sums["sales"]
    assert (sales.market, sales.firms, sales.value) == ("DEU", 4, 4e6)
    assert answer.sums["wanted"][0].market == "POL"
    assert answer.sums["size"][0].market == "medium"
    assert (answer.answered, answer.asked, answer.silent) == (4, 6, ("Firm 4", "Firm 5"))
    assert answer.exports_share is None, "two are silent: the rest would tell of them"
    assert sorted(error.key for error in answer.unreadable) == [
        "firms.edited", "firms.twice", "firms.unclear", "firms.unreadable",
    ]  # fmt: skip
    assert (answer.others, answer.spare) == (1, 0.2)
    told = page(answer)
    for words in ("Firm 3 answered 3 times; its newest counts, of 2026-10-31",
                  "none counts (a.json", "Next: ask the firm which one stands"):  # fmt: skip
        assert words in told
    assert firms(folder).sums == answer.sums
    assert not answer.complete
    for bad, key in (
        ("1\nFirm 1,2", "fairs.firm_twice"),
        ("-5", "refund.below_nought"),
        ("abc", "refund.bad_amount"),
    ):
        asked.write_text(f"firm,exports_usd\nFirm 1,1\nFirm 2,{bad}\n", encoding="utf-8")
        with pytest.raises(InputError) as caught:
            firms(folder, asked=asked)
        assert caught.value.key == key


def test_two_firms_are_seen_in_no_sum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = put(tmp_path / "answers", *several(2))
    answer = firms(folder)
    assert all(sums == () for sums in answer.sums.values())
    assert answer.spare is None
    assert (answer.waiting, answer.on) == (2, None)
    for lang, words in (("en", "Waiting: 2 new answers"), ("zh", "2 份新填报")):
        assert run(["firms", str(folder), "--lang", lang]) == 0
        assert words in capsys.readouterr().out
    put(folder, *several(3))
    page = tmp_path / "brief.html"
    assert run(["firms", str(folder), "--out", str(page)]) == 0
    assert "Germany" in page.read_text("utf-8")
    for wrong, key in ((tmp_path / "none", "firms.no_folder"), (tmp_path / "empty", "firms.none")):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(InputError) as caught:
            firms(wrong)
        assert caught.value.key == key


def of_chapter(*markets: str) -> pl.DataFrame:
    """Only China sells: then a duty of d leaves 1 / (1 + d) of what it sells, whatever σ is."""
    return pl.DataFrame(
        [{"year": 2024, "exporter": "CHN", "importer": market, "product": "8528",
          "value_usd": 1e9} for market in markets]
    )  # fmt: skip


def test_a_shock_touches_whole_sums_and_by_hand(tmp_path: Path) -> None:
    us = ("8528", "USA", 2e6)
    lines = [replace(one, sales=(*(LINE.sales or ()), us)) for one in several(4)]
    folder = put(tmp_path / "answers", *lines)
    world = {"flows": of_chapter("USA", "DEU")}
    shock = tmp_path / "duty.toml"
    shock.write_text(
        '[shock]\nname = "25 points"\nsource = "made up"\n'
        '[[duty]]\nimporter = "USA"\nrate = "25%"\n', "utf-8",
    )  # fmt: skip
    answer = firms(folder, stress=[str(shock), "refund-cut-4"], warehouse=world)
    duty, refund = answer.exposures
    assert (duty.firms, duty.touched, duty.markets) == (4, 8e6, ("USA",))
    assert duty.change is not None
    assert duty.change.mean == pytest.approx(8e6 * (1 / 1.25 - 1))
    assert duty.change.low == pytest.approx(duty.change.high)
    assert (duty.uncomputed, duty.refund) == (0.0, None)
    assert (refund.touched, refund.change) == (12e6, None)
    assert refund.refund == pytest.approx(0.04 * 12e6)
    rows = {row["measure"]: row["value"] for row in answer.table.to_dicts()}
    assert rows["25 points"] == 8e6
    reform = tmp_path / "reform.toml"
    reform.write_text(
        '[reform]\nname = "9 %, and duty"\n[[rate]]\nid = "chn.refund.general"\nvalue = "9%"\n'
        'since = 2024-01-01\n[[rate]]\nid = "eur.mfn.85287240"\nvalue = "0%"\n', "utf-8",
    )  # fmt: skip
    (tried,) = firms(folder, reform=reform, warehouse=world).exposures
    assert (tried.touched, tried.uncomputed, tried.change) == (12e6, 4e6, None)
    assert tried.is_cut
    assert tried.refund == pytest.approx(0.04 * 12e6)
    alone = put(tmp_path / "two", *lines[:2])
    (hidden, _) = firms(alone, stress=[str(shock), "refund-cut-4"], warehouse=world).exposures
    assert (hidden.firms, hidden.touched, hidden.change) == (0, 0, None)
    fresh = put(tmp_path / "fresh", *lines)
    for wrong in (
        {"stress": "no-such-shock"},
        {"fairs": "none.csv", "budget": "1"},
        {"budget": "1"},
    ):
        with pytest.raises(InputError):
            firms(fresh, **wrong)  # type: ignore[arg-type]
        assert not (fresh / "counted.txt").exists(), "nothing is counted where nothing is told"


def test_cover_and_fairs_with_more_applicants_than_places(tmp_path: Path) -> None:
    covers = (None, ("POL",), ("DEU",), (), ())
    lines = [replace(one, cover=c) for one, c in zip(several(5), covers, strict=True)]
    folder = put(tmp_path / "answers", *lines)
    assert all(read_share(f).cover in covers for f in folder.glob("*.json"))
    fairs = tmp_path / "fairs.csv"
    fairs.write_text(
        "fair,market,product,places,subsidy,effect,source\nWarsaw,POL,8528,2,1000,9000,own\n"
        "Berlin,DEU,8528,2,1000,8000,own\nTokyo,JPN,8528,9,1000,,\n", "utf-8",
    )  # fmt: skip
    answer = firms(folder, fairs=fairs, budget="CNY 10k")
    assert answer.cover is None, "one firm has a limit, one does not say: the rest would tell"
    assert [(line.fair, line.places, most) for line, most in answer.fairs] == [
        ("Warsaw", 2, 5), ("Berlin", 2, None), ("Tokyo", 0, None),
    ]  # fmt: skip
    assert "at 1 (Warsaw): draw lots" in page(answer)
    nothing = firms(folder, fairs=fairs, budget="0")
    assert {line.places for line, _ in nothing.fairs} == {0}
    assert "Support none of the fairs" in page(nothing)


def test_a_fair_that_is_over_is_not_supported_whatever_day_the_answers_are_of(
    tmp_path: Path,
) -> None:
    folder, fairs = put(tmp_path / "answers", *several(3)), tmp_path / "fairs.csv"
    fairs.write_text(
        "fair,market,product,date,places,subsidy,effect,source\n"
        "Warsaw,POL,8528,2026-11-10,2,1000,9000,own\nBerlin,DEU,8528,2099-09-01,2,1000,9000,own\n",
        "utf-8",
    )  # fmt: skip
    then = firms(folder, fairs=fairs, budget="10k", on=date(2026, 11, 1))
    assert {line.fair for line, _ in then.fairs if line.places} == {"Warsaw", "Berlin"}
    now = firms(folder, fairs=fairs, budget="10k")
    assert {line.fair for line, _ in now.fairs if line.places} == {"Berlin"}


def test_no_count_tells_what_two_cells_have_in_common(tmp_path: Path) -> None:
    """Three want Germany, three Poland, one of them both: a fair in both must not say five."""
    wishes = (
        [(("8528", "DEU"),)] * 2 + [(("8528", "DEU"), ("8528", "POL"))] + [(("8528", "POL"),)] * 2
    )
    lines = [replace(one, wanted=w) for one, w in zip(several(5), wishes, strict=True)]
    fairs = tmp_path / "fairs.csv"
    fairs.write_text(
        "fair,market,product,places,subsidy,effect,source\nBoth,DEU/POL,8528,4,1000,9000,own\n"
    )
    answer = firms(put(tmp_path / "answers", *lines), fairs=fairs, budget="CNY 10k")
    assert [most for _, most in answer.fairs] == [3]
    assert answer.firms["wanted"] == 3


def test_cover_is_told_where_each_kind_is_of_three(tmp_path: Path) -> None:
    covers = [("POL",)] * 3 + [()] * 4
    lines = [replace(one, cover=c) for one, c in zip(several(7), covers, strict=True)]
    assert firms(put(tmp_path / "seven", *lines)).cover == (7, 4, 0)
    assert firms(put(tmp_path / "six", *lines[1:])).cover is None, "two have a limit"
    assert firms(put(tmp_path / "one", *lines[2:], replace(lines[0], cover=None))).cover is None


def test_whole_studies_beside_lines(tmp_path: Path, finished: Path) -> None:
    """Twenty folders that ``offing run`` wrote, 500 lines, one file that cannot be read."""
    whole = json.loads((finished / "result.json").read_text("utf-8"))
    folder = put(tmp_path / "answers", *several(500))
    for number in range(20):
        whole["firm"]["name_zh"] = f"Study {number}"
        put_study(folder / f"study-{number}", json.dumps(whole, ensure_ascii=False))
    put_study(folder / "study-broken", "{}")
    (folder / "not-run").mkdir()
    (folder / "not-run" / "study.toml").write_text("schema = 2\n", "utf-8")
    (folder / "notes").mkdir()
    began = time.perf_counter()
    answer = firms(folder, stress="refund-cut-4")
    assert time.perf_counter() - began < 15
    assert answer.answered == 520
    assert [error.key for error in answer.unreadable] == [
        "firms.not_run", "firms.unreadable",
    ]  # fmt: skip
    assert answer.others == 1
    assert "study-broken" in str(answer.unreadable[1])
    line = share(MUSEUM).line
    sales = sum(usd for _, _, usd in line.sales or ())
    assert sum(one.value for one in answer.sums["sales"]) == pytest.approx(500 * 1e6 + 20 * sales)
    assert answer.exposures[0].touched == pytest.approx(500 * 1e6 + 20 * sales)
    assert replace(read_result(finished), firm=line.firm) == line
    edited = folder / "study-7" / "result.json"
    text = edited.read_text("utf-8").replace('"sales_now_usd": ', '"sales_now_usd": 9')
    edited.write_text(text, "utf-8")
    found = {error.key: str(error) for error in firms(folder).unreadable}
    assert "study-7/result.json was changed" in found["firms.edited"]
    alone = tmp_path / "alone"
    alone.mkdir()
    put_study(alone / "a", "{}")
    with pytest.raises(InputError, match=r"a/result\.json"):
        firms(alone)


def test_a_firm_counts_once_however_its_name_is_written(tmp_path: Path) -> None:
    """Three spellings would else be three firms of a cell: its own sales, told three times."""
    names = ("海川（青岛）电器", "海川(青岛)电器", "海川 （青岛） 电器")
    lines = [replace(LINE, firm=name, on=date(2026, 10, n)) for n, name in enumerate(names, 1)]
    answer = firms(put(tmp_path / "answers", *lines))
    assert (answer.answered, answer.sums["sales"]) == (1, ())
    assert [error.key for error in answer.unreadable] == ["firms.twice"]
    asked = tmp_path / "asked.csv"
    asked.write_text("firm\n海川(青岛)电器\n", "utf-8")
    listed = firms(tmp_path / "answers", asked=asked)
    assert (listed.silent, listed.unlisted) == ((), ())


def test_a_blank_behind_a_name_is_no_other_answer(tmp_path: Path) -> None:
    folder = put(tmp_path / "answers", LINE)
    put(folder, replace(LINE, firm="Firm "))
    (folder / "Firm-2026-10-31.json").rename(folder / "again.json")
    answer = firms(put(folder, LINE))
    assert [error.key for error in answer.unreadable] == ["firms.twice"]
    assert answer.answered == 1


def test_at_least_is_rounded_down_and_a_page_has_no_commands(tmp_path: Path) -> None:
    """Twice 909 m are 1,818 m: no more than 1.81 bn may be said of "at least"."""
    sales = (("8528", "DEU", 3.03e8), ("8528", "FRA", 3.03e8))
    folder = put(tmp_path / "answers", *(replace(one, sales=sales) for one in several(3)))
    assert "at least USD 1.81 bn" in page(firms(folder))
    file = tmp_path / "brief.html"
    for lang in ("en", "zh"):
        assert run(["firms", str(folder), "--out", str(file), "--lang", lang]) == 0
        assert "offing evidence" not in file.read_text("utf-8")


def test_asked_firms_and_others_are_not_mixed_up(tmp_path: Path) -> None:
    """Four asked of whom two answered, one by its English name; one answer of nobody asked."""
    lines = [replace(one, firm=f"企业{n}", name_en=one.firm) for n, one in enumerate(several(3))]
    folder = put(tmp_path / "answers", *lines)
    asked = tmp_path / "asked.csv"
    rows = "企业1,200\nFirm 2,100\nA,50\nB,50\n"
    asked.write_text("企业,出口额（万美元）\n" + rows, "utf-8")
    answer = firms(folder, asked=asked)
    assert (answer.asked, answer.silent, answer.unlisted) == (4, ("A", "B"), ("Firm 0",))
    assert answer.exports_share is None
    told = page(answer)
    assert "2 of 4 firms asked answered, to October 2026. Their share of exports is not" in told
    assert "One answer is of a firm that is not on the list: Firm 0." in told
    asked.write_text("企业,出口额（万美元）\n" + rows.replace("50\nB", "\nB"), "utf-8")
    answer = firms(folder, asked=asked)
    assert (answer.exports_share, answer.unvalued) == (None, ("A",))
    assert "is not known: the list has no exports of A" in page(answer)
    asked.write_text("企业,出口额（万元）\n" + rows, "utf-8")
    with pytest.raises(InputError) as caught:
        firms(folder, asked=asked)
    assert "USD" in caught.value.found, "it says which money is needed"
