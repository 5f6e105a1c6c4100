"""Built files and icons in templates."""

import json
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_DIST = Path(settings.PACKAGE) / "static" / "dist"


@lru_cache
def _manifest() -> dict[str, str]:
    return dict(json.loads((_DIST / "manifest.json").read_text(encoding="utf-8")))


@lru_cache
def _icons() -> dict[str, str]:
    return dict(json.loads((_DIST / "icons.json").read_text(encoding="utf-8")))


@register.simple_tag
def asset(name: str) -> str:
    """Return the address of a built file: `app.js`, `charts.js`, `style.css`."""
    return static(f"dist/{_manifest()[name]}")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an icon as inline SVG; decoration only, the text beside it speaks. Names stand in frontend/icons.txt."""
    shape = _icons()[name]
    return mark_safe(  # noqa: S308 (shapes come from our own build)
        '<svg class="t-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round"'
        f' stroke-linejoin="round" aria-hidden="true">{shape}</svg>'
    )
