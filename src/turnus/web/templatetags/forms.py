"""Hidden parts of forms."""

import secrets

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from turnus.web.once import KEY

register = template.Library()


@register.simple_tag
def once() -> SafeString:
    """Return the key of a creating form; browsers must not restore an old one."""
    return format_html(
        '<input type="hidden" name="{}" value="{}" autocomplete="off">',
        KEY,
        secrets.token_hex(16),
    )
