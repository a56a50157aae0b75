"""What the keys and tables of a study file are called."""

from offing.terms.messages import has_message, say


def message_of(path: tuple[str, ...]) -> str:
    """The message of a key's or a table's words."""
    names = ["key." + "_".join(path[first:]) for first in range(len(path))]
    return next(filter(has_message, names), names[-1])


def words_of(path: tuple[str, ...]) -> tuple[str, str]:
    """What a key or a table is called, and its help."""
    label, _, about = say(message_of(path)).partition("\n")
    return label, about
