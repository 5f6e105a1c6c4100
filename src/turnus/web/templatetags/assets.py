"""Built files and icons in templates."""

import json
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
_DIST = Path(settings.PACKAGE) / "static" / "dist"


@lru_cache
def _manifest() -> dict[str, str]:
    return dict(
        json.loads((_DIST / "manifest.json").read_text(encoding="utf-8"))
    )


@lru_cache
def _icon_names() -> frozenset[str]:
    return frozenset(
        json.loads((_DIST / "icons.json").read_text(encoding="utf-8"))
    )


@register.simple_tag
def asset(name: str) -> str:
    """Return the address of a built file: `app.js`, `charts.js`, `style.css`."""
    return static(f"dist/{_manifest()[name]}")


@register.simple_tag
@lru_cache
def icon(name: str) -> SafeString:
    """Return an icon; it only decorates the text beside it. frontend/icons.txt lists them."""
    if name not in _icon_names():
        message = f"frontend/icons.txt has no icon {name!r}"
        raise LookupError(message)
    shape = f"{asset('icons.svg')}#{name}"
    return format_html(
        '<svg class="t-icon" aria-hidden="true"><use href="{}"/></svg>', shape
    )
