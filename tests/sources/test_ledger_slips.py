"""Slips of a ledger that no single line shows, and ledgers in other languages."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from offing.sources.ledger import Lines, read_ledger

HEAD = "date,market,hs_code,quantity,unit,amount,currency"


def ledger(folder: Path, lines: list[str], head: str = HEAD) -> Lines:
    (folder / "ledger.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return read_ledger(folder / "ledger.csv")


def keys(lines: Lines) -> dict[str, object]:
    return {note.key: note.values.get("count") for note in lines.notes}


def sale(on: date, amount: object = 1000) -> str:
    return f"{on},Germany,85287240,10,pcs,{amount},USD"


DAYS = [date(2023, 1, 5) + timedelta(days=11 * n) for n in range(60)]
EARLY = timedelta(days=1462)


@pytest.mark.parametrize(
    "days",
    [
        [d - EARLY if 20 <= n < 40 else d for n, d in enumerate(DAYS)],
        [d - EARLY if n >= 45 else d for n, d in enumerate(DAYS)],
        [d - EARLY if n < 15 else d for n, d in enumerate(reversed(DAYS))],
    ],
)
def test_days_pasted_from_a_workbook_of_1904_are_said(tmp_path: Path, days: list[date]) -> None:
    lines = ledger(tmp_path, [sale(day, 900 + n) for n, day in enumerate(days)])
    assert keys(lines)["reference.from_1904"] == sum(day < DAYS[0] for day in days)


@pytest.mark.parametrize(
    "days",
    [
        [*[d - EARLY for d in DAYS[:20]], *DAYS[20:]],  # sold before and again, in order
        [*reversed(DAYS[20:]), *[d - EARLY for d in reversed(DAYS[:20])]],
        DAYS,
        [*[date(2018, 3, 1 + n) for n in range(5)], *DAYS],
    ],
)
def test_old_sales_at_their_place_say_nothing(tmp_path: Path, days: list[date]) -> None:
    lines = ledger(tmp_path, [sale(day, 900 + n) for n, day in enumerate(days)])
    assert "reference.from_1904" not in keys(lines)


@pytest.mark.parametrize(("noughts", "said"), [(60, 60), (20, 20), (5, None), (0, None)])
def test_amounts_that_were_never_computed(tmp_path: Path, noughts: int, said: int | None) -> None:
    amounts = [0 if n < noughts else 900 + n for n in range(60)]
    lines = ledger(tmp_path, [sale(day, a) for day, a in zip(DAYS, amounts, strict=True)])
    assert keys(lines).get("reference.uncomputed") == said


def test_a_second_table_below_the_first_is_said(tmp_path: Path) -> None:
    returns = "date,market,hs_code,quantity,unit,credit,currency"
    lines = ledger(tmp_path, [sale(DAYS[0]), sale(DAYS[1]), returns, sale(DAYS[2])])
    assert keys(lines)["reference.second_table"] == 1


def test_headings_of_a_printed_page_are_no_second_table(tmp_path: Path) -> None:
    lines = ledger(tmp_path, [sale(DAYS[0]), sale(DAYS[1]), HEAD, sale(DAYS[2])])
    assert "reference.second_table" not in keys(lines)


@pytest.mark.parametrize(("number", "said"), [("305", 1), ("304", None), ("999", None)])
def test_a_number_of_another_country(tmp_path: Path, number: str, said: int | None) -> None:
    head = "数据年月,贸易伙伴编码,贸易伙伴名称,商品编码,第一数量,第一计量单位,美元"
    lines = ledger(tmp_path, [f"202401,{number},德国,85287240,10,台,3000"], head)
    assert keys(lines).get("reference.number_unlike") == said


SOLD = (date(2024, 3, 25), "DEU", "85287240", "TV-55", Decimal(1200), "item", "EUR")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        (
            (
                "Rechnungsdatum;Bestimmungsland;Warennummer;Artikel;Menge;ME;Nettobetrag;Währung\n"
                "25.03.2024;Deutschland;85287240;TV-55;1.200;Stk;1.234,50;EUR\n"
            ),
            "1234.50",
        ),
        (
            (
                "Datum;Land;Zolltarifnummer;Modell;Anzahl;Einheit;Betrag (TEUR)\n"
                "25.03.2024;Deutschland;85287240;TV-55;1.200;Stück;1,2345\n"
            ),
            "1234.50",
        ),
        (
            (
                "Fecha;País de destino;Partida arancelaria;Modelo;Cantidad;Unidad;Importe;Divisa\n"
                "25/03/2024;Alemania;85287240;TV-55;1.200;uds;1.234,50;EUR\n"
            ),
            "1234.50",
        ),
        (
            (
                "Fecha factura;País;Código SA;Modelo;Cantidad;Unidad;Importe (miles de EUR)\n"
                "25/03/2024;Alemania;85287240;TV-55;1.200;unidades;1,2345\n"
            ),
            "1234.50",
        ),
    ],
)
def test_ledgers_in_german_and_spanish(tmp_path: Path, text: str, amount: str) -> None:
    (tmp_path / "ledger.csv").write_text(text, encoding="utf-8")
    lines = read_ledger(tmp_path / "ledger.csv")
    said = lines.sales.select("on", "market", "product", "model", "quantity", "unit", "currency")
    assert said.rows() == [SOLD]
    assert lines.sales["amount"].to_list() == [Decimal(amount)]
    assert set(keys(lines)) <= {"sources.caution_scaled", "reference.level_far"}, "a TV of an euro"


@pytest.mark.parametrize(
    ("heading", "word"),
    [("Bemerkung", "Gutschrift"), ("Bemerkung", "Storno"), ("Observaciones", "Nota de crédito"),
     ("Observaciones", "devolución"), ("Estado", "anulada"), ("Statut", "annulée")],
)  # fmt: skip
def test_what_came_back_in_other_languages(tmp_path: Path, heading: str, word: str) -> None:
    lines = ledger(tmp_path, [f"{sale(DAYS[0])},", f"{sale(DAYS[1])},{word}"], f"{HEAD},{heading}")
    assert keys(lines)["reference.given_back"] == 1
