"""How is HTML built so that no text from a file is ever taken for markup?

`tag` escapes every child that is not already `Markup`, and every attribute value. Nothing else in
the product writes angle brackets round a value.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

VOID = frozenset({"img", "br", "hr", "col"})
Child = str | int | Markup | None | Iterable[Any]


@dataclass(frozen=True, slots=True)
class Ready:
    """Markup for `st.html` as it is: other texts it dedents and takes for paths at every run."""

    content: Markup

    def _repr_html_(self) -> str:
        return str(self.content)


def tag(name: str, *children: Child, **attributes: Any) -> Markup:
    """Return an element; children are escaped, `None` and `False` are left out.

    `cls` is class, a trailing underscore is dropped, other underscores become dashes; an empty
    value is left out, except that of `alt`, which says that an image adds nothing to its text.

    >>> tag("td", "<b>", cls="n", data_unit='"x"')
    Markup('<td class="n" data-unit="&#34;x&#34;">&lt;b&gt;</td>')
    """
    head = "".join(
        f' {_attribute(key)}="{escape(value)}"' if value is not True else f" {_attribute(key)}"
        for key, value in attributes.items()
        if value is not None and value is not False and (value != "" or key == "alt")
    )
    if name in VOID:
        return Markup(f"<{name}{head}>")
    return Markup(f"<{name}{head}>{join(children)}</{name}>")


def join(children: Iterable[Child], between: str = "") -> Markup:
    """Return children as one piece of markup, nested lists flattened.

    >>> join(["a", None, ["<", tag("br")]])
    Markup('a&lt;<br>')
    """
    parts: list[str] = []
    for child in children:
        if child is None or child is False:
            continue
        if isinstance(child, Markup):
            parts.append(child)
        elif isinstance(child, str):
            parts.append(escape(child))
        elif isinstance(child, Iterable):
            parts.append(join(child))
        else:
            parts.append(escape(child))
    # Every part is safe by now; the plain join does not escape each of them once more.
    return Markup(str.join(str(escape(between)) if between else "", parts))


def icon(name: str, size: int = 16, cls: str = "") -> Markup:
    """Return a Material symbol; it is hidden from readers, so a word stands beside it.

    >>> icon("lock", 14)
    Markup('<span class="ms" style="font-size:14px" aria-hidden="true" translate="no">lock</span>')
    """
    return tag(
        "span",
        name,
        cls=f"ms {cls}".strip(),
        style=f"font-size:{size}px",
        aria_hidden="true",
        translate="no",
    )


def link(label: Child, href: str, **attributes: Any) -> Markup:
    """Return a link that stays in the app: `data-nav` lets the page change without a reload."""
    return tag("a", label, href=href, target="_self", data_nav="1", **attributes)


def small(*children: Child, cls: str = "") -> Markup:
    """Return muted small text.

    >>> small("起")
    Markup('<span class="s mu">起</span>')
    """
    return tag("span", *children, cls=f"s mu {cls}".strip())


def _attribute(key: str) -> str:
    """Return the attribute's name in HTML."""
    return "class" if key == "cls" else key.rstrip("_").replace("_", "-")
