"""What a book of many deals comes to, in sentences that stay short."""

from pathlib import Path

import pytest

from offing.cli.app import run as offing
from offing.report.words import MANY, some_of
from offing.terms.messages import Language, speaking


@pytest.mark.parametrize(("lang", "more"), [("en", "and 192 others"), ("zh", "另外 192 笔")])
def test_of_many_deals_in_another_currency_the_first_are_named(
    lang: Language, more: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All two hundred stood in one sentence."""
    deals = "".join(
        f'[[deal]]\nname = "d{n}"\namount = 100000\ncurrency = "INR"\ndays = 90\n'
        'accepts = ["JPY"]\n'
        for n in range(200)
    )
    file = tmp_path / "book.toml"
    file.write_text(deals, encoding="utf-8")
    assert offing(["settle", "--book", str(file), "--lang", lang]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "d7: JPY" in said
    assert "d8: JPY" not in said
    assert more in said


def test_a_dozen_is_named_all() -> None:
    names = [f"n{n}" for n in range(MANY)]
    with speaking("en"):
        assert some_of(names) == ", ".join(names)
        assert some_of([*names, "x"]).endswith("n7 and 5 others")
