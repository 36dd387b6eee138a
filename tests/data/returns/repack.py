"""Change the parts of a zipped workbook, as no spreadsheet program would."""

import io
import zipfile
from collections.abc import Callable


def repacked(
    content: bytes,
    change: Callable[[str, bytes], bytes] | None = None,
    add: dict[str, bytes] | None = None,
) -> bytes:
    """Return the workbook with entries changed and added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(name, data) if change else data)
        for name, data in (add or {}).items():
            new.writestr(name, data)
    return target.getvalue()
