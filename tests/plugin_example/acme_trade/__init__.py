"""What a trade office could add to offing from a package of its own."""

from pathlib import Path

REGIME = Path(__file__).parent / "nor.toml"
MESSAGES = Path(__file__).parent / "messages"
