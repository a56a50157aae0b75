"""The page in a real browser: no sideways scrolling on a phone, and no barrier that axe finds."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from offing.report import write_report
from offing.study.result import StudyResult
from offing.terms.messages import LANGUAGES, Language
from report_example import example, one_product

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.proof,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


def dom(html: str, folder: Path, script: str, width: int) -> str:
    """What ``script`` wrote into ``<pre id="found">`` of the page in a window of that width."""
    assert CHROMIUM is not None
    file = folder / "page.html"
    # The frame is as wide as asked; headless windows have a least width of their own.
    (folder / "inner.html").write_text(html + f"<script>{script}</script>", encoding="utf-8")
    file.write_text(
        f'<iframe src="inner.html" style="width:{width}px;height:900px;border:0"></iframe>'
        '<pre id="found"></pre><script>onmessage=e=>{found.textContent=e.data}</script>',
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", f"--user-data-dir={folder / 'profile'}",
            "--virtual-time-budget=20000", "--dump-dom", file.as_uri(),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )  # fmt: skip
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_page_does_not_scroll_sideways(tmp_path: Path, lang: Language, width: int) -> None:
    script = (
        "onload=()=>parent.postMessage(JSON.stringify("
        "[document.documentElement.scrollWidth,innerWidth]),'*')"
    )
    wide, window = json.loads(dom(write_report(example(), lang), tmp_path, script, width))
    assert window == width
    assert wide <= width


@pytest.mark.parametrize("study", [example, one_product], ids=["two", "one"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_phone_shows_what_is_planned(
    tmp_path: Path, lang: Language, study: Callable[[], StudyResult]
) -> None:
    """Market, today and plan stand inside the width of a phone, before any swipe."""
    script = (
        "onload=()=>parent.postMessage(JSON.stringify([...document.querySelectorAll("
        "'table')].filter(t=>t.caption.id=='plan-table').map(t=>[...t.tBodies[0].rows]"
        ".map(r=>Math.ceil(r.cells[2].getBoundingClientRect().right)))),'*')"
    )
    (edges,) = json.loads(dom(write_report(study(), lang), tmp_path, script, 390))
    assert len(edges) == 12
    assert max(edges) <= 390


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_runs_out_of_its_cell_on_a_phone(tmp_path: Path, lang: Language) -> None:
    """Else it lies over the next column: Chinese sentences did, of moves that are not made yet."""
    script = (
        "onload=()=>{document.querySelectorAll('details').forEach(d=>d.open=true);"
        "parent.postMessage(JSON.stringify([...document.querySelectorAll('td,th')].filter(c=>{"
        "const r=document.createRange();r.selectNodeContents(c);"
        "return r.getBoundingClientRect().right>c.getBoundingClientRect().right+1}"
        ").map(c=>c.textContent)),'*')}"
    )
    result = example()
    far = replace(result.decided.not_yet[0], kind="leave", kinds=("leave",), market="HKG")
    decided = replace(result.decided, not_yet=(far, *result.decided.not_yet))
    html = write_report(replace(result, decided=decided), lang)
    assert json.loads(unescape(dom(html, tmp_path, script, 390))) == []


def test_axe_finds_no_barrier(tmp_path: Path) -> None:
    package = pytest.importorskip("axe_core_python", reason="needs axe-core-python")
    axe = (Path(package.__path__[0]) / "axe.min.js").read_text(encoding="utf-8")
    script = (
        axe.replace("</script>", "")
        + ";onload=()=>{document.querySelectorAll('details').forEach(d=>d.open=true);"
        + "axe.run(document,{resultTypes:['violations']}).then(r=>parent.postMessage("
        + "JSON.stringify(r.violations.map(v=>[v.id,v.nodes.length,v.nodes[0].html])),'*'))}"
    )
    found = dom(write_report(example(), "en"), tmp_path, script, 1280)
    assert json.loads(unescape(found)) == []
