"""The colours, once for page and pictures; the tests compute their contrast.

Blue and orange are told apart by every common kind of colour blindness (Okabe and Ito 2008), and
tiers are steps of one blue, which keep their order in grey print.
"""

Theme = dict[str, str]

LIGHT: Theme = {
    "paper": "#ffffff",
    "panel": "#f5f7f9",
    "ink": "#1a2027",
    "soft": "#525c68",
    "rule": "#d3d9e0",
    "land": "#dfe4e9",
    "ours": "#b34400",
    "on-ours": "#ffffff",
    "other": "#2b6591",
    "low": "#dbe8f3",
    "medium": "#b4d0e7",
    "high": "#88b5da",
    "good": "#17694d",
    "bad": "#a4222b",
    "care": "#6f4a00",
    "care-panel": "#fdf1d3",
    "bar": "#cfe1f0",
}

DARK: Theme = {
    "paper": "#14191f",
    "panel": "#1c232b",
    "ink": "#e9edf1",
    "soft": "#aeb8c3",
    "rule": "#3a4450",
    "land": "#2b343e",
    "ours": "#ff9f68",
    "on-ours": "#14191f",
    "other": "#82bae3",
    "low": "#1e2d3a",
    "medium": "#264a68",
    "high": "#2f648f",
    "good": "#70cba8",
    "bad": "#ff9393",
    "care": "#f2cb7c",
    "care-panel": "#3a3117",
    "bar": "#24435c",
}

TEXT_ON: tuple[tuple[str, str], ...] = (
    ("ink", "paper"),
    ("ink", "panel"),
    ("ink", "low"),
    ("ink", "medium"),
    ("ink", "high"),
    ("ink", "land"),
    ("ink", "bar"),
    ("soft", "paper"),
    ("soft", "panel"),
    ("ours", "paper"),
    ("ours", "panel"),
    ("on-ours", "ours"),
    ("other", "paper"),
    ("other", "panel"),
    ("good", "paper"),
    ("bad", "paper"),
    ("bad", "panel"),
    ("bad", "bar"),
    ("care", "care-panel"),
    ("care", "paper"),
)
"""Which colour is text on which: each must have a contrast of 4.5 at least (WCAG 2.2, 1.4.3)."""

SHAPES_ON: tuple[tuple[str, str], ...] = (
    ("ours", "land"),
    ("other", "land"),
    ("other", "low"),
    ("ours", "high"),
)
"""Which colour is a shape on which: a contrast of 2.2 at least, since each is labelled too."""


def css() -> str:
    """The colours as custom properties; paper is always light."""

    def block(theme: Theme) -> str:
        return ";".join(f"--{name}:{value}" for name, value in theme.items())

    return (
        f":root{{color-scheme:light dark;{block(LIGHT)}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{block(DARK)}}}}}"
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours after WCAG 2.2, 1 to 21.

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
