"""Is every damaged workbook read or refused in words, in bounded time and memory?"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
#: How many damaged files of each kind; the seeds are the numbers themselves.
COUNTS = {"xlsx": 300, "xls": 300, "ods": 200, "csv": 200, "cells": 30}


@pytest.mark.parametrize("kind", COUNTS)
def test_a_damaged_workbook_neither_raises_nor_hangs_nor_swells(kind: str) -> None:
    command = [sys.executable, "-m", "tests.data.returns.fuzz_child", kind, "0", str(COUNTS[kind])]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = re.fullmatch(rf"{kind}: (\d+) read, (\d+) refused\n", done.stdout)
    assert told is not None
    assert int(told[1]) + int(told[2]) == COUNTS[kind]
    # Damage is not merely refused at the door: much of it passes and is read on.
    assert int(told[1]) > COUNTS[kind] / 10
