"""Read thousands of damaged workbooks in a process of its own, within a limit of memory and time.

`python -m tests.data.returns.fuzz_child KIND SEED COUNT` ends with 0 and says how many were read
and refused; anything that a reader raises, takes too long over or swallows memory with ends it.
"""

import io
import random
import re
import resource
import signal
import sys
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook

from data.catalog import load_catalog
from data.returns.read import read_workbook
from data.units import tree

FOLDER = Path(__file__).parent / "messy"
SEEDS = {
    "xlsx": ("mixture.xlsx", "formula_results.xlsx", "rows_merged_by_group.xlsx", "moved.xlsx"),
    "xls": ("messy.xls", "district.xls", "sound.xls"),
    "ods": ("messy.ods", "district.ods", "sound.ods"),
    "csv": ("messy_gb18030.csv", "utf8_with_mark.csv", "tabs.txt"),
    "cells": ("sound.xlsx",),
}
SECONDS, MEGABYTES = 10, 600
#: What numbers, addresses and words are turned into.
ODD = (
    *(b"", b"0", b"-1", b"1e308", b"-1e400", b"NaN", b"inf", b"99999999999999999999", b"\xff"),
    *(b"ZZZ1", b"A0", b"XFD1048577", b"A99999999", b"2147483648", b"true", b"#REF!", b"&#0;"),
    *(word.encode() for word in ("１２", "٣", "²", "万", "\u202e")),
)
CONTENT = (
    *(None, 0, -1, 1e300, 1e-300, 12.5, True, "", " ", "#DIV/0!", "=1/0", "=A1", "１２", "1,234"),
    *(
        "12起",
        "3.5万元",
        "9999999999999亿",
        "约12",
        "—",
        "0x1F",
        "1e5",
        "²",
        "٣",
        "\u200b",
        "*" * 400,
    ),
    *(
        "填报单位：",
        "表号：M99（第 99999999 版）",
        "报告期：9999年99月",
        "合计",
        "小计",
        "calls_total",
    ),
    *("calls_valid", "yz0101", "张三", "13800138000", "'=1+1", "\n\n", "{0}", "%s", "<b>", "NaN"),
)


def flipped(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def spliced(content: bytes, chance: random.Random) -> bytes:
    """Copy a piece of the file over another place, or take it out."""
    a, b, size = (chance.randrange(len(content)) for _ in range(3))
    piece = content[a : a + size % 600]
    rest = b + len(piece) if chance.random() < 0.7 else b
    return content[:b] + (piece if chance.random() < 0.7 else b"") + content[rest:]


def in_a_part(content: bytes, chance: random.Random) -> bytes:
    """Damage the XML within one part, the archive left whole."""
    parts = _parts(content)
    name = chance.choice([n for n in parts if n.endswith((".xml", ".rels"))])
    data = parts[name]
    for _ in range(chance.randint(1, 4)):
        data = chance.choice((_other_value, _other_value, _without_tag, flipped))(data, chance)
        if not data:
            break
    return _packed({**parts, name: data})


def parts_swapped(content: bytes, chance: random.Random) -> bytes:
    """Put one part in the place of another, or leave one out."""
    parts = _parts(content)
    first, second = chance.sample(sorted(parts), 2)
    if chance.random() < 0.3:
        del parts[first]
    else:
        parts[first], parts[second] = parts[second], parts[first]
    return _packed(parts)


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


def _other_value(data: bytes, chance: random.Random) -> bytes:
    """Replace the value of an attribute or the text of an element."""
    places = list(re.finditer(rb'="([^"]*)"|>([^<>]+)<', data))
    if not places:
        return data
    place = chance.choice(places)
    group = 1 if place[1] is not None else 2
    return data[: place.start(group)] + chance.choice(ODD) + data[place.end(group) :]


def _without_tag(data: bytes, chance: random.Random) -> bytes:
    """Leave out a tag, or write it twice."""
    places = list(re.finditer(rb"<[^>]+>", data))
    if not places:
        return data
    place = chance.choice(places)
    again = place[0] * chance.choice((0, 2, 50))
    return data[: place.start()] + again + data[place.end() :]


def scribbled(content: bytes, chance: random.Random) -> bytes:
    """Write odd things into cells, and merge or hide at random."""
    book = load_workbook(io.BytesIO(content))
    for _ in range(chance.randint(1, 40)):
        sheet = chance.choice(book.worksheets)
        cell = sheet.cell(chance.randint(1, 30), chance.randint(1, 8))
        if type(cell).__name__ != "MergedCell":
            cell.value = chance.choice(CONTENT)
            cell.number_format = chance.choice(("General", "0%", "yyyy-mm-dd", "[h]:mm", "0,"))
    sheet = book.worksheets[0]
    sheet.row_dimensions[chance.randint(1, 30)].hidden = True
    sheet.column_dimensions[chance.choice("ABCDEF")].hidden = True
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


BYTES = (flipped, cut, spliced)
WAYS: dict[str, tuple[Callable[[bytes, random.Random], bytes], ...]] = {
    "xlsx": (*BYTES, in_a_part, in_a_part, in_a_part, parts_swapped),
    "xls": BYTES,
    "ods": (*BYTES, in_a_part, in_a_part, in_a_part, parts_swapped),
    "csv": BYTES,
    "cells": (scribbled,),
}


def main(kind: str, seed: int, count: int) -> None:
    """Damage and read; the seed says all."""
    warnings.simplefilter("ignore")
    catalog = load_catalog()
    units = tree(catalog)
    contents = [(FOLDER / name).read_bytes() for name in SEEDS[kind]]
    for content in contents:
        read_workbook(content, catalog, units)
    _limit_memory()
    told: Counter[str] = Counter()
    for number in range(seed, seed + count):
        chance = random.Random(number)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            damaged = chance.choice(WAYS[kind])(chance.choice(contents), chance)
        signal.alarm(SECONDS)
        try:
            refusal = read_workbook(damaged, catalog, units).refusal
        except BaseException:
            sys.stderr.write(f"{kind} {number}\n")
            raise
        signal.alarm(0)
        told["read" if refusal is None else "refused"] += 1
    sys.stdout.write(f"{kind}: {told['read']} read, {told['refused']} refused\n")


def _limit_memory() -> None:
    """Let this process grow by so much from here on, and no further."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    used = int(re.search(r"VmSize:\s+(\d+)", status)[1]) * 1024
    most = used + MEGABYTES * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
