"""Every sentence a person sees, in English and Chinese, one TOML file for each room.

A message is a table with both languages::

    [no_flows]
    en = "No flows of {product} into {market}."
    zh = "没有 {product} 进入{market}的贸易记录。"

Its key is the file's and the table's name: ``say("ladder.no_flows", product=..., market=...)``.
Where English has a word of its own for one thing, ``en_one`` is said when ``count`` is 1; of what
is counted (``{years} years``) the singular is said of itself. A text
that another message has already is not written again: ``same = "report.market"``.

What else stands in braces is a mark of what a person types: an option of the command line with a
value (``{--rates-age:{days}}``), a table of the study's file or a line of it (``{[duty]}``,
``{[duty]:MEX = 0.15}``), a key (``{model.refund_rate}``), and between ``{typing}`` and
``{/typing}`` what only who types needs. Who asks in Python reads ``rates_age=5``, a page names its
fields: see :class:`Naming`. Commands (``offing load ecb FILE``) stay as they are.
"""

import os
import re
import tomllib
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from functools import cache, partial
from importlib import resources
from operator import add
from pathlib import Path
from string import Formatter
from typing import Literal, TypeVar, get_args

T = TypeVar("T")

Names = Mapping[str, str]
"""Option → its parameter, where it is not called the same."""

ELSEWHERE = {"--json": ".data()", "--out": ".table"}
"""What an answer in Python has in the place of an option."""
_OPTION = re.compile(r"--[a-z][a-z0-9-]*")
_BARE = re.compile(r"\d+(?:\.\d+)?|(?:FILE|DIR|YEAR|NAME|HEADING|PATH|FOLDER)|[A-Z]+\.\w+|[\"“].*")


class Naming:
    """What sentences call options and keys of a study's file: as they are typed.

    Attributes:
        typing: whether who reads them can type a command.
    """

    typing = True

    def option(self, name: str, value: str = "") -> str:
        """An option of the command line, with a value."""
        return f"{name} {value}".rstrip()

    def key(self, mark: str, value: str = "") -> str:
        """A table or key of a study's file, or a line of it.

        >>> [Naming().key(mark) for mark in ("[duty]", "[settlement].days", "model.refund_rate")]
        ['[duty]', '[settlement] days', 'refund_rate']
        >>> Naming().key("[duty]", "MEX = 0.15"), Naming().key("model.codes", 'USA = "8528"')
        ('MEX = 0.15', 'codes = { USA = "8528" }')
        """
        if mark.startswith("["):
            return value or mark.replace("].", "] ")
        name = mark.rpartition(".")[2]
        if value:
            return f"{name} = {{ {value} }}"
        return name if "_" in name else f"`{name}`"


class ParameterNames(Naming):
    """Options as parameters of a function; of ``names`` those that are not called the same."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def option(self, name: str, value: str = "") -> str:
        """As Python would write it.

        >>> python = ParameterNames({"--all": "every"})
        >>> python.option("--all"), python.option("--rates-age", "5")
        ('every', 'rates_age=5')
        >>> python.option("--rate", "EUR=7.1")
        'rate="EUR=7.1"'
        """
        called = self._names.get(name, name.removeprefix("--").replace("-", "_"))
        if not value or not called.isidentifier():
            return called
        return f"{called}={value}" if _BARE.fullmatch(value) else f'{called}="{value}"'


_asked: ContextVar[Names | None] = ContextVar("offing_options", default=ELSEWHERE)
_naming: ContextVar[Naming] = ContextVar("offing_naming", default=Naming())  # noqa: B039


@contextmanager
def set_inside(variable: ContextVar[T], value: T) -> Iterator[None]:
    """A variable of the context has a value inside the block."""
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def typing_options() -> AbstractContextManager[None]:
    """Whoever asks inside the block types options: errors name them so."""
    return set_inside(_asked, None)


def asked_by(names: Names) -> AbstractContextManager[None]:
    """Errors inside the block are of a function with these parameters, if nobody types them."""
    return set_inside(_asked, None if _asked.get() is None else {**ELSEWHERE, **names})


def parameters() -> Names | None:
    """The parameters of what is asked; ``None`` where options are typed."""
    return _asked.get()


def named_by(naming: Naming | None) -> AbstractContextManager[None]:
    """What is said inside the block names options and keys so; as before where ``None``."""
    return set_inside(_naming, naming or _naming.get())


def name_options(text: str) -> str:
    """A value that is an option, or several of them, as sentences of the context name them.

    >>> with named_by(ParameterNames({})):
    ...     name_options("--trade-share, --mode"), name_options("--duty ipi=15%")
    ('trade_share, mode', 'duty="ipi=15%"')
    """
    if not text.startswith("--"):
        return text
    name, _, value = text.partition(" ")
    if "--" not in value:
        return _naming.get().option(name, value)
    return _OPTION.sub(lambda found: _naming.get().option(found[0]), text)


Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_language: ContextVar[Language] = ContextVar("offing_language", default="en")


def from_locale() -> Language:
    """The language that the environment asks for (LC_ALL, LC_MESSAGES, LANG); English otherwise."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def language() -> Language:
    """The language of this context."""
    return _language.get()


def using_language(lang: Language) -> AbstractContextManager[None]:
    """Say everything in ``lang`` inside the block."""
    return set_inside(_language, lang)


@cache
def read_messages(room: str) -> dict[str, dict[str, str]]:
    """The messages of one file as they stand there."""
    file = resources.files(__name__).joinpath(f"{room}.toml")
    loaded: dict[str, dict[str, str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return loaded


@cache
def room_messages(room: str) -> dict[str, dict[str, str]]:
    """All messages of one file: name → language → text."""
    return {name: _languages_of(message) for name, message in read_messages(room).items()}


def _languages_of(message: dict[str, str]) -> dict[str, str]:
    if "same" not in message:
        return message
    room, _, name = message["same"].partition(".")
    return read_messages(room)[name]


@cache
def rooms() -> list[str]:
    """The names of the message files."""
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in resources.files(__name__).iterdir()
        if entry.name.endswith(".toml")
    )


def has_message(key: str) -> bool:
    """Whether the catalogue, or that of a plug-in, has this message."""
    return _message(key) is not None


@cache
def _message(key: str) -> dict[str, str] | None:
    room, _, name = key.partition(".")
    own = room_messages(room).get(name) if room in rooms() else None
    return own or _plugin_messages().get(key)


@cache
def _plugin_messages() -> dict[str, dict[str, str]]:
    """The messages of plug-ins: key → language → text."""
    from offing.terms.plugins import plugins, use_guarded

    def read(folder: Path) -> dict[str, dict[str, str]]:
        return {
            f"{file.stem}.{name}": message
            for file in sorted(folder.glob("*.toml"))
            for name, message in tomllib.loads(file.read_text(encoding="utf-8")).items()
        }

    added: dict[str, dict[str, str]] = {}
    for name, folder in plugins("offing.messages").items():
        added |= use_guarded("offing.messages", name, partial(read, Path(folder))) or {}
    return added


def join_list(items: Iterable[object], most: int | None = None) -> str:
    """Items in one line: with commas in English, with 、 in Chinese; after ``most`` an ellipsis.

    >>> join_list(["a", "b"]), join_list(["a", "b"], 1)
    ('a, b', 'a…')
    """
    texts = [*map(str, items)]
    return ("、" if _language.get() == "zh" else ", ").join(texts[:most]) + "…" * (
        texts[:most] != texts
    )


def headings_said(header: Iterable[object]) -> str:
    """As many of the headings of a file as a sentence can bear."""
    return join_list(header)[:300]


def say(key: str, /, **values: object) -> str:
    """The message ``key`` in the language of the context, with its values put in.

    Where there is no such message its key is said: what is done must not fail for want of words. A
    test finds the keys of this package.
    """
    message = _message(key)
    if message is None:
        return key
    text = message[_language.get()]
    if _language.get() == "en":
        ones = {name for name, value in values.items() if str(value) == "1"}
        if "count" in ones:
            text = message.get("en_one", text)
        if ones:
            text = _COUNTED.sub(partial(_singular, ones), text)
    if "count" in values:
        values |= {"count": _count_text(values["count"])}
    return _set_in(text, values) if "{" in text else text


def _count_text(value: object) -> str:
    """A count with its thousands; what is no bare number stays."""
    text = str(value)
    return f"{int(text):,}" if text.isdecimal() and len(text) > 3 else text


def _set_in(text: str, values: Mapping[str, object]) -> str:
    """A message with its values and marks; in Chinese spaced where two scripts come together."""
    join = beside if _language.get() == "zh" else add
    made, taken, leaves_out = "", "", False
    for literal, name, form, turned in _pieces(text):
        if leaves_out and name != "/typing":
            continue
        if not leaves_out:
            made = join(made, literal) if taken else made + literal
        leaves_out = name == "typing" and not _naming.get().typing
        value = "" if name in (None, "typing", "/typing") else _field(name, form, turned, values)
        if value.startswith("the ") and made[-2:] in ("", ". ", "! ", "? "):
            value = f"T{value[1:]}"  # the United States begin a sentence
        made = join(made, value) if literal.strip() else made + value
        taken = value
    return made


@cache
def _pieces(text: str) -> tuple[tuple[str, str | None, str | None, str | None], ...]:
    return tuple(Formatter().parse(text))


def _field(
    name: str | None, form: str | None, turned: str | None, values: Mapping[str, object]
) -> str:
    """What stands for a pair of braces."""
    assert name is not None, "the caller has looked"
    form = _set_in(form, values) if form and "{" in form else form or ""
    if name.startswith("--"):
        return _naming.get().option(name, form)
    if name.startswith("[") or "." in name:
        return _naming.get().key(name, form)
    value = Formatter().convert_field(values[name], turned)
    return format(name_options(value) if isinstance(value, str) else value, form)


_HAN = re.compile("[\u4e00-\u9fff]")
_CLOSED = re.compile("[\u4e00-\u9fff“”]")
"""Between two of these stands no space."""
_LATIN = re.compile("[A-Za-z0-9%]")
_NUMBER = re.compile("[A-Za-z0-9]|[+−][0-9]")
_DATE = re.compile(r"\d{1,4}[年月日]")
"""A day is written without spaces, inside and before it."""


def beside(left: str, right: str) -> str:
    """One text after another: a space between Chinese and Latin signs, none inside Chinese.

    >>> beside("100%", "和中国"), beside("99.4 万", " 公斤"), beside("审阅于", "2026年1月1日")
    ('100% 和中国', '99.4 万公斤', '审阅于2026年1月1日')
    >>> beside("写入 ", "“关税”")
    '写入“关税”'
    """
    if not left or not right:
        return left + right
    before, after = left.rstrip(" "), right.lstrip(" ")
    if before and after and _CLOSED.match(before[-1]) and _CLOSED.match(after[0]):
        return before + after
    ends = _HAN.match(left[-1]), _HAN.match(right[0])
    latin = _LATIN.match(left[-1]), _NUMBER.match(right)
    dated = _DATE.match(right) or (left[-1].isdigit() and right[0] in "年月日")
    apart = not dated and ((ends[0] and latin[1]) or (latin[0] and ends[1]))
    return f"{left} {right}" if apart else left + right


_COUNTED = re.compile(
    r"(\{(\w+)\} )(countries|currencies|(?:day|week|month|year|market|product|importer|exporter"
    r"|supplier|flow|pair|row|line|unit|group|firm|file)s)\b"
)
"""A number that is put in, and what it counts."""


def _singular(ones: Container[str], counted: re.Match[str]) -> str:
    """``{years} year`` for ``{years} years`` where there is one."""
    number, name, noun = counted.groups()
    if name not in ones:
        return counted[0]
    return str(number + re.sub("ies$", "y", noun).removesuffix("s"))


FAR = 0.3
"""Names that are less alike have nothing to do with each other."""


def nearest(name: str, among: Iterable[str], cutoff: float = 0.5) -> str | None:
    """The most similar of ``among``, or ``None`` where nothing comes near.

    >>> nearest("capcity", ["capacity", "cost"])
    'capacity'
    """
    options = sorted(among)
    found = get_close_matches(name, options, n=1, cutoff=cutoff)
    if found:
        return found[0]
    lowered = {option.lower(): option for option in options}
    if name == name.lower() and all(map(lowered.__contains__, options)):
        return None  # it would be the same question
    found = get_close_matches(name.lower(), list(lowered), n=1, cutoff=cutoff)
    return lowered[found[0]] if found else None


def nearest_ones(name: str, among: Iterable[str], count: int = 3) -> list[str]:
    """The most similar ones, the nearest first; none where nothing comes near.

    >>> nearest_ones("cip", ["cip_simple", "netting", "cip_annual", "ecr"], 2)
    ['cip_simple', 'cip_annual']
    >>> nearest_ones("zzzzqqqq", ["cip_simple", "netting", "ecr"])
    []
    """
    return get_close_matches(name, sorted(among, reverse=True), n=count, cutoff=FAR)


def suggest(name: str, among: Iterable[str]) -> str:
    """A question to put after a list of what there is; nothing where nothing comes near.

    >>> suggest("basi", ["baci", "comtrade"]), suggest("xyz", ["baci", "comtrade"])
    ('; did you mean baci?', '')
    """
    return did_you_mean(nearest(name, among))


def did_you_mean(near: str | None) -> str:
    """The same question of a name that was found near, or of none."""
    return say("errors.meant", name=near) if near else ""
