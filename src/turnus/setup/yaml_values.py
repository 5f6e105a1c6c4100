"""Plain values as YAML text that `nodes` reads back."""

from datetime import date
from typing import TypeAlias

import yaml

YamlValue: TypeAlias = (
    "str | int | bool | date | list[YamlValue] | dict[str, YamlValue] | None"
)
_WIDTH = 88


def yaml_text(value: YamlValue) -> str:
    """Return a value as YAML, keys in their order."""
    written: str = yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=_WIDTH,
    )
    return written


class _Dumper(yaml.SafeDumper):
    """Writes no anchors, which the reader refuses, and lists further in than their keys."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 (the library's signature)
        return True

    def increase_indent(
        self,
        flow: bool = False,  # noqa: FBT001, FBT002 (the library's signature)
        indentless: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> None:
        super().increase_indent(flow, indentless=False)
