"""How does a page have a workbook checked, and say meanwhile how far it is?

The work is done in the checking process; the run of the page waits and tells every step as it
comes, so that the other pages keep the interpreter to themselves.
"""

import time
from typing import Any

import streamlit as st

from data.checks.desk import shared_desk
from data.checks.past import Recall
from data.checks.run import CheckedReturn
from metrics.recall import recall_cube
from ui import load
from ui.scope import Scope, Sight


@load.cached
def _recall(whose: str) -> Recall:
    """Return what looks up earlier months as far as the people of a unit may see."""
    return recall_cube(load.cube_at(Sight(whose, "now", None)))


def check_file(scope: Scope, unit: str, name: str, content: bytes) -> tuple[CheckedReturn, float]:
    """Return the verdict on an uploaded file and the seconds it took, telling every step."""
    began = time.perf_counter()
    with st.status(scope.t("returns.step.reading"), expanded=False) as status:

        def tell(step: str, values: dict[str, Any]) -> None:
            words = scope.t(f"returns.step.{step}", **values)
            if step == "read":  # what was recognised stays to be read; the others pass
                st.write(words)
                status.update(expanded=True)
            else:
                status.update(label=words)

        seen = load.viewer(scope.person)
        whose = "" if seen.sees() is None else seen.unit
        checked = shared_desk().verdict(
            content,
            load.catalog(),
            _recall(whose),
            tell,
            name=name,
            unit=unit,
            period=scope.period,
        )
        status.update(label=scope.t("returns.step.done"), state="complete", expanded=False)
    return checked, time.perf_counter() - began
