"""A name that is like none gets the list, never a guess; a reform that changes nothing says so."""

from pathlib import Path

import pytest

from offing.cli.app import run

CASE = "cases:\n- {{id: A, method: {method}, inputs: {{{inputs}: 1}}, expected: {{refund: 1}}}}\n"
QUOTE = ["quote", "852872", "DEU", "--on", "2024-12-31", "--price", "560USD", "--cost", "3150CNY"]
REFORM = '[reform]\nname = "what if"\n[[rate]]\nid = "{id}"\nvalue = "0.1"\nsince = 2026-01-01\n'


@pytest.mark.parametrize(
    ("line", "text", "far", "near", "word"),
    [
        (["markets", "852872", "--origin", "{word}"], "", "Xqzqw", "Germny", "Germany"),
        (["check", "{file}"], CASE.format(method="{word}", inputs="a"), "qqqq", "surtx", "surtax"),
        (
            ["check", "{file}"],
            CASE.format(method="er", inputs="{word}"),
            "qqqq",
            "rebat_rate",
            "rebate_rate",
        ),
        ([*QUOTE, "--mode", "{word}"], "", "qqqq", "raill", "rail"),
        ([*QUOTE, "--measure", "{word}=3"], "", "qqqq", "kgg", "kg"),
        ([*QUOTE, "--reform", "{file}"], REFORM.format(id="{word}"), "qqqq", "deu.vatt", "vat"),
    ],
)
def test_nothing_is_asked_where_nothing_is_near(
    line: list[str],
    text: str,
    far: str,
    near: str,
    word: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / ("cases.yaml" if "check" in line else "reform.toml")
    for given, asked in ((far, False), (near, True)):
        file.write_text(text.replace("{word}", given), "utf-8")
        args = [part.replace("{word}", given).replace("{file}", str(file)) for part in line]
        assert run(args) == 2
        said = " ".join(capsys.readouterr().err.split())
        assert given in said
        assert ("did you mean" in said) is asked, said
        assert not asked or word in said


RATES = '[reform]\nname = "what if"\n' + "".join(
    f'[[rate]]\nid = "eur.vat.deu"\nvalue = "{value}"\nsince = {{first}}\n'
    for value in ("20%", "25%")
)


def test_a_reform_of_a_later_day_says_so_and_two_values_of_one_day_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reform.toml"
    text = RATES.format(first="2024-01-01")
    file.write_text(text, encoding="utf-8")
    assert run([*QUOTE, "--reform", str(file)]) == 2
    assert "Two rules 'eur.vat.deu'" in capsys.readouterr().err
    one = text.rpartition("[[rate]]")[0]
    for first, unused in (("2024-01-01", False), ("2025-06-01", True)):
        file.write_text(one.replace("2024-01-01", first), encoding="utf-8")
        assert run([*QUOTE, "--reform", str(file)]) == 0
        assert ("changes nothing here" in capsys.readouterr().out) is unused
