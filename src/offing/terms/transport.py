"""Words for the mode of carriage (运输方式), as declarations and forwarders write them."""

from functools import cache

from offing.terms.shipped import shipped_rows


@cache
def _words() -> dict[str, str]:
    return {row["word"]: row["mode"] for row in shipped_rows("offing.terms", "data/modes.csv")}


def mode_of(text: str) -> str:
    """The mode that a word means; the word itself where it is none of them.

    >>> mode_of("海运"), mode_of("Truck"), mode_of("rail"), mode_of("pipeline")
    ('sea', 'road', 'rail', 'pipeline')
    """
    word = text.strip().casefold()
    return _words().get(word, word)
