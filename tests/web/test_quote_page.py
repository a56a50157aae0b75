"""A quote whose national line is not decided: all are shown, one press writes it into the study."""

import html
from pathlib import Path

from api.test_lines import MODEL, study
from web_server import Browser, Served, put_study

__all__ = ["study"]


def test_a_line_is_kept_by_one_press(server: Served, browser: Browser, study: Path) -> None:
    put_study(server, study.parent)
    asked = {"study": "tv", "of": MODEL, "destination": "USA", "quantity": "300"}
    shown = browser.get("/quote", **asked)
    page = html.unescape(shown.text)
    assert "Keep for this model" in page
    assert '<option value="85287264"' in page
    assert "Left of the price" in page
    wrong = browser.post("/quote/keep", None, **asked, keep="8528722200")
    assert wrong.status_code == 400
    assert "another country" in html.unescape(wrong.text)
    kept = browser.post("/quote/keep", None, **asked, keep="85287264")
    assert kept.status_code == 200
    assert "300" in kept.text
    file = server.workbench.studies.named("owner", "tv").file
    assert "85287264" in file.read_text("utf-8")
    other = browser.post("/quote/keep", None, **asked, keep=html.unescape("85287272"))
    assert other.status_code == 200, "it may be chosen anew"
