"""How is the overview shown?"""

from ui import panel
from ui.frame import current_scope


def show() -> None:
    """Show the overview."""
    scope = current_scope()
    panel.head("x", scope.t("ui.page.overview"))
