"""The colours, once for page and pictures; a test computes their contrast.

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


def css() -> str:
    """The colours as custom properties; paper is always light."""

    def block(theme: Theme) -> str:
        return ";".join(f"--{name}:{value}" for name, value in theme.items())

    return (
        f":root{{color-scheme:light dark;{block(LIGHT)}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{block(DARK)}}}}}"
    )
