"""The example of one model with three markets, so that its runs are quick and shared."""

from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent / "museum" / "studies" / "tv-maker"


def three_markets(folder: Path) -> Path:
    """Write the study and its ledger into a new folder.

    Returns:
        The study's file.
    """
    text = (EXAMPLE / "study.toml").read_text(encoding="utf-8")
    text = text.replace('consider = "all"', 'consider = ["DEU", "USA", "GBR"]')
    text = text.replace("largest_market_share = 0.25", "largest_market_share = 1.0")
    folder.mkdir()
    (folder / "study.toml").write_text(text, encoding="utf-8")
    (folder / "ledger.csv").write_bytes((EXAMPLE / "ledger.csv").read_bytes())
    return folder / "study.toml"
