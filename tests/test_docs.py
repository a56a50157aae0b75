"""Documentation is there, fresh and without dead links."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.locked
@pytest.mark.parametrize("name", sorted(generator().PAGES))
def test_reference_page_is_fresh(name: str) -> None:
    made = generator().PAGES[name]()
    assert (DOCS / name).read_text(encoding="utf-8") == made, "run: python docs/generate.py"


PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    dead = [
        target
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert dead == []


def test_decisions_are_numbered_once() -> None:
    pages = [page.read_text(encoding="utf-8") for page in (DOCS / "decisions").glob("*.md")]
    numbers = [n for text in pages for n in re.findall(r"^##? (\d+)\. ", text, re.MULTILINE)]
    assert len(numbers) == len(set(numbers)) > 30


def test_nothing_names_a_machine() -> None:
    """No path of this checkout or of a home, and no package registry's host, in what we ship."""
    hosts = r"\b(?:pypi|pythonhosted|npmjs|anaconda)[.](?:org|com)\b"
    forbidden = re.compile(rf"{re.escape(str(ROOT))}/|/home/[a-z]+/|{hosts}")
    found = [
        str(file.relative_to(ROOT))
        for folder in ("src", "docs", "examples", "benchmarks", "requirements", ".ci")
        for file in (ROOT / folder).rglob("*")
        if file.is_file()
        and file.suffix in {".py", ".md", ".toml", ".txt", ".json", ".html", ".css", ""}
        and forbidden.search(file.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []
