"""``offing share`` and ``offing firms``: from the example's study to a province's page."""

import json
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from offing.api.firms import firms
from offing.api.share import share
from offing.cli.app import run
from offing.study.share import ShareLine, read_share
from offing.terms.errors import InputError

EXAMPLE = "examples/tv-maker"
LINE = ShareLine(
    "Firm", "medium", date(2026, 10, 31), (("8528", "DEU", 1e6),), (("8528", "POL"),),
    (("8528", "VNM", 2e4, False),), 0.2, ("fairs",),
)  # fmt: skip


def put(folder: Path, *lines: ShareLine) -> Path:
    folder.mkdir(exist_ok=True)
    for line in lines:
        text = json.dumps(line.data(), ensure_ascii=False)
        (folder / f"{line.file_name}-{line.on}.json").write_text(text, encoding="utf-8")
    return folder


def several(count: int) -> list[ShareLine]:
    return [replace(LINE, firm=f"Firm {n}") for n in range(count)]


def test_a_study_is_shown_in_full_and_saved_without_cost_price_or_buyer(tmp_path: Path) -> None:
    shown = share(EXAMPLE, size="medium", support="credit insurance")
    assert shown.file is None
    saved = share(EXAMPLE, size="medium", support=["credit insurance"], to=tmp_path)
    assert saved.file is not None
    assert read_share(saved.file) == saved.line == shown.line
    told = saved.file.read_text("utf-8")
    for secret in ("cost", "price", "buyer", "Esempio", "2130", "HC-55Q"):
        assert secret not in told
    assert {heading for heading, _, _ in saved.line.sales} == {"8528"}
    assert all(usd == float(f"{usd:.2g}") for _, _, usd in saved.line.sales)
    assert ("8528", "VNM") in {one[:2] for one in saved.line.unclaimed}


def test_sums_of_a_folder_and_what_does_not_count(tmp_path: Path) -> None:
    folder = put(
        tmp_path / "answers", *several(4), replace(LINE, firm="Firm 3", on=date(2026, 1, 1))
    )
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
    assert answer.exports_share == pytest.approx(10 / 21)
    assert sorted(error.key for error in answer.unreadable) == [
        "firms.edited", "firms.twice", "firms.unreadable",
    ]  # fmt: skip
    assert (answer.others, answer.spare) == (1, 0.2)
    assert firms(folder).sums == answer.sums
    for bad, key in (("-5", "firms.below_zero"), ("abc", "gravity.not_a_number")):
        asked.write_text(f"firm,exports_usd\nFirm 1,1\nFirm 2,{bad}\n", encoding="utf-8")
        with pytest.raises(InputError) as caught:
            firms(folder, asked=asked)
        assert caught.value.key == key


def test_two_firms_are_seen_in_no_sum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = put(tmp_path / "answers", *several(2))
    answer = firms(folder)
    assert all(sums == () for sums in answer.sums.values())
    assert answer.spare is None
    assert answer.waiting["sales"] == 2
    for lang, words in (("en", "2 firms answered"), ("zh", "2 家企业已填报")):
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


def test_five_hundred_answers_in_seconds_and_their_sums(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    markets = ("DEU", "USA", "POL", "VNM", "SAU", "BRA")
    lines = [
        replace(
            LINE, firm=f"Firm {n}",
            sales=tuple(("8528", m, float(rng.integers(1, 90)) * 1e4)
                        for m in rng.choice(markets, 3, replace=False)),
        )
        for n in range(500)
    ]  # fmt: skip
    folder = put(tmp_path / "answers", *lines)
    began = time.perf_counter()
    answer = firms(folder)
    assert time.perf_counter() - began < 15
    whole = sum(usd for line in lines for _, _, usd in line.sales)
    assert sum(one.value for one in answer.sums["sales"]) == pytest.approx(whole)
