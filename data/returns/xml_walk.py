"""How is a part of a workbook walked through without building it, and without any declared entity?

A document type is refused before anything of it is used, so no entity is ever expanded and nothing
outside the file is ever fetched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any
from xml.parsers.expat import ParserCreate

from data.returns.guard import UnreadableError

_CHUNK = 1 << 18


def walk(
    stream: IO[bytes],
    start: Callable[[str, dict[str, str]], Any],
    end: Callable[[str], Any],
    text: Callable[[str], Any],
) -> None:
    """Hand every element of a part to `start` and `end`, and its text to `text`.

    Elements and attributes in a namespace are called `{address}name`.
    """
    parser = ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _refuse(*_: object) -> None:
    raise UnreadableError(key="returns.refused.entities")


def local(name: str) -> str:
    """Return the name of an element or attribute without its namespace.

    >>> local("http://example.org/main}row"), local("row")
    ('row', 'row')
    """
    return name.rpartition("}")[2]
