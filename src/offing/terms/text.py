"""Read a text file of a Chinese office: UTF-8, with or without a mark, or GB18030."""

from pathlib import Path

from offing.terms.errors import InputError, Where

ENCODINGS = ("utf-8-sig", "gb18030")


def read_text(path: Path, *, no_file: str, not_text: str) -> str:
    """The text of a file.

    Args:
        path: of the file.
        no_file: key of the error where it is not there.
        not_text: key of the error where it is in neither encoding.

    Raises:
        InputError: with one of these keys.
    """
    if not path.is_file():
        raise InputError(no_file, where=Where(path), path=path)
    data = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(not_text, where=Where(path))
