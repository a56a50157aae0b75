"""What a trade office could add to offing from a package of its own."""

from pathlib import Path

REGIME = Path(__file__).parent / "isl.toml"
MESSAGES = Path(__file__).parent / "messages"
SHOCKS = Path(__file__).parent / "shocks"
NOWHERE = Path(__file__).parent / "no-such.toml"
