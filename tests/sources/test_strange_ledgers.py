"""Ledgers whose headings nobody knows, in other encodings: a person can still say what is what."""

from decimal import Decimal
from pathlib import Path

import pytest

from offing.sources.ledger import look_at

CODES = {"hb-300": "850940"}
GERMAN = "\r\n".join(
    [
        "SAP VA05 Auftragsliste\t\t\t\t\t", "Stand\t31.12.2024\t\t\t\t", "",
        "Buchungsdatum\tLand\tMaterial\tMenge\tNettowert\tWähr.",
        "19.01.2024\tUS\tHB-300\t950\t58.140,00\tUSD",
        "20.01.2024\tDE\tHB-300\t1.306\t73.005,40\tEUR", "*\t\t\t2.256\t131.145,40\t",
        "15.06.2024\tDE\tHB-300\t100-\t5.730,00-\tEUR"
    ],
)  # fmt: skip
SAID = {
    "on": "Buchungsdatum", "market": "Land", "quantity": "Menge", "amount": "Nettowert",
    "currency": "Währ.",
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8"])
def test_unknown_headings_under_titles_can_be_named(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "va05.txt"
    file.write_bytes(GERMAN.encode(encoding))
    look = look_at(file, codes=CODES)
    assert look.trouble is not None
    assert look.headings == ("Buchungsdatum", "Land", "Material", "Menge", "Nettowert", "Währ.")
    told = look_at(file, columns=SAID, codes=CODES)
    assert told.trouble is None
    assert told.sales["amount"].to_list() == [Decimal(58_140), Decimal("73005.4"), Decimal(-5730)]
    assert told.sales["quantity"].to_list() == [950, 1306, -100]
    assert told.skipped == {"reference.total_line": 1}, "SAP marks its sums with *"
