"""What an option of the command line is called where nobody types one: a parameter of a function.

Messages name options as they are typed (``--pair-effects none``). Who asks in Python reads
``pair_effects`` instead: an error keeps how it was asked for, and is said in that way. A page names
its fields (:mod:`offing.web.labels`). Commands that are to be typed (``offing load ecb FILE``) stay
as they are.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

Names = Mapping[str, str]
"""Option → its parameter, where it is not called the same."""

_OPTION = re.compile(r"--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)")
_END = r"\s,;，；、。()（）"
_VALUE = rf"""["“][^"”]*["”]|(?=[A-Z0-9]|\w+=|[a-z]+-[a-z])[^{_END}]*[^{_END}:：.]"""
_WITH_VALUE = re.compile(rf"{_OPTION.pattern}(?: (?P<value>{_VALUE}))?")
_COMMAND = re.compile(r"(?:offing|pip install)(?: [^\s,;，；。)）`]+)+")
_BARE = re.compile(r"\d+(?:\.\d+)?|(?:FILE|DIR|YEAR|NAME|HEADING|PATH|FOLDER)|[A-Z]+\.\w+|[\"“].*")
ELSEWHERE = {"--json": ".data()", "--out": ".table"}
"""What an answer in Python has in the place of an option."""

_asked: ContextVar[Names | None] = ContextVar("offing_options", default=ELSEWHERE)


_told: ContextVar[Callable[[str], str]] = ContextVar("offing_told", default=str)


@contextmanager
def typing_options() -> Iterator[None]:
    """Whoever asks inside the block types options: messages stay as they are."""
    token = _asked.set(None)
    try:
        yield
    finally:
        _asked.reset(token)


@contextmanager
def asked_by(names: Names) -> Iterator[None]:
    """Errors inside the block are of a function with these parameters, if nobody types them."""
    token = _asked.set(None if _asked.get() is None else {**ELSEWHERE, **names})
    try:
        yield
    finally:
        _asked.reset(token)


def parameters() -> Names | None:
    """The parameters of what is asked; ``None`` where options are typed."""
    return _asked.get()


@contextmanager
def told_by(naming: Callable[[str], str]) -> Iterator[None]:
    """What is said inside the block names options as a function of the sentence does."""
    token = _told.set(naming)
    try:
        yield
    finally:
        _told.reset(token)


def as_told(text: str) -> str:
    """A message as it is said to whom it is told: see :func:`told_by`."""
    return _told.get()(text)


def named_by(text: str, names: Names, form: str = "{}") -> str:
    """A text in which the options that have a name are called by it, in a form.

    >>> named_by("--market says into which country", {"--market": "market"}, "`{}`")
    '`market` says into which country'
    """
    return _OPTION.sub(lambda m: form.format(names[m[0]]) if m[0] in names else m[0], text)


def as_parameters(text: str, names: Names | None) -> str:
    """A message as Python would write its options; as it is where ``names`` is ``None``.

    >>> as_parameters("give --vat-rate, --all or --rate EUR=7.1", {"--all": "every"})
    'give vat_rate, every or rate="EUR=7.1"'
    >>> as_parameters("name it with --dataset, or: offing load baci DIR --as baci-2017", {})
    'name it with dataset, or: offing load baci DIR --as baci-2017'
    """
    if names is None or "--" not in text:
        return text
    said, end = "", 0
    for command in _COMMAND.finditer(text):
        said += _parameters(text[end : command.start()], names) + command[0]
        end = command.end()
    return said + _parameters(text[end:], names)


def _parameters(text: str, names: Names) -> str:
    def parameter(match: re.Match[str]) -> str:
        name = names.get(f"--{match[1]}", match[1].replace("-", "_"))
        value = match["value"]
        if value is None or not name.isidentifier():
            return name
        return f"{name}={value}" if _BARE.fullmatch(value) else f'{name}="{value}"'

    return _WITH_VALUE.sub(parameter, text)
