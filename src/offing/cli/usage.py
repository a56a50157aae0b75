"""Wrong uses of the command line, in our words."""

import re
from collections.abc import Sequence

from cyclopts import CoercionError, CycloptsError, MissingArgumentError, UnusedCliTokensError
from cyclopts.exceptions import RepeatArgumentError, UnknownCommandError, UnknownOptionError

from offing.cli.commands import COMMANDS
from offing.terms.errors import InputError
from offing.terms.nearest import asked, meant

OTHERWISE = {
    "begin": "init new start create setup 开始 新建 初始化",
    "serve": "web gui ui workbench browser 工作台 网页",
    "quote": "cost costs landed 报价 成本",
    "whatif": "what-if shock stress scenario simulate reform 情景 冲击 推演",
    "settle": "fx hedge currency currencies settlement 结算 套保 汇率",
    "rules": "law laws duty duties tariff tariffs 规则 法规 关税",
    "refund": "rebate vat 退税",
    "ledger": "sales 台账",
    "plan": "方案",
    "price": "prices pricing 价格 定价",
    "markets": "rank ranking 市场",
    "fairs": "exhibitions 展会",
    "province": "region 全省 省",
    "check": "test validate 核对",
    "load": "import read 导入",
}
"""Commands by other words for what they do, as people type them."""


def _command_like(typed: str) -> str:
    """The command that is meant: by another word for it, else the nearest name."""
    by_word = {word: name for name, words in OTHERWISE.items() for word in words.split()}
    found = by_word.get(typed.lower())
    return asked(found) if found else meant(typed, COMMANDS)


NEGATIVE = re.compile(r"-\s?(?:[A-Z]{3}|[^\w\s-]{1,2})?\s?[\d.,]")
"""A number below nought, its currency before or behind it: -560, -560USD, -$560, -USD 560."""


def with_minus(error: CycloptsError, line: Sequence[str]) -> list[str] | None:
    """The line with a negative value as its option's, where it was taken for one more option.

    Whether the value may be negative is for the question to say.
    """
    if isinstance(error, MissingArgumentError) and error.keyword in line[:-1]:
        at = line.index(error.keyword)
        if NEGATIVE.match(line[at + 1]):
            return [*line[:at], f"{error.keyword}={line[at + 1]}", *line[at + 2 :]]
    return None


def usage_error(error: CycloptsError) -> InputError:
    """Our error for one of cyclopts': what was typed, what was expected, what is nearest."""
    if isinstance(error, UnknownCommandError):
        typed = (error.unused_tokens or [""])[0]
        return InputError("cli.unknown_command", text=typed, near=_command_like(typed))
    if isinstance(error, UnknownOptionError):
        typed = error.token.keyword or error.token.value
        if NEGATIVE.match(typed):
            return InputError("cli.minus", text=typed)
        options = {name for argument in error.argument_collection for name in argument.names}
        options = {name for name in options if name.startswith("--")}
        return InputError("cli.unknown_option", text=typed, near=meant(typed, options))
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        name = error.keyword or error.argument.name
        own = {"--origin": "cli.missing_origin"}
        if error.keyword is None:  # no word of the command line stands for it
            own["--study"] = "cli.missing_study"
            if name not in own and error.argument.index is not None:
                word = name.strip("-").replace("-", "_").upper()
                return InputError("cli.missing_word", name=word)
        return InputError(own.get(name, "cli.missing"), name=name)
    if isinstance(error, RepeatArgumentError):
        return InputError("cli.repeated", name=error.token.keyword)
    if isinstance(error, UnusedCliTokensError):
        return InputError("cli.too_many", text=" ".join(error.unused_tokens or []))
    if isinstance(error.__cause__, InputError):
        return error.__cause__
    if isinstance(error, CoercionError):
        name = error.argument.name if error.argument else ""
        value = error.token.value if error.token else ""
        return InputError("cli.kind_other", name=name, text=value)
    return InputError("cli.wrong_use", reason=str(error).strip())
