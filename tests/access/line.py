"""A line of the matrix: an address, who may look, and what may be posted by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.access.roles import Rule


@dataclass(frozen=True)
class Post:
    """Something that is posted, and by whom; `changes`: whether the tables change."""

    who: Rule
    sent: Mapping[str, Any] = field(default_factory=dict)
    changes: bool = True
    #: What stands behind the question mark of the address.
    query: str = ""
    #: Whether it is looked at first: what is posted then is the mark of that preview.
    previewed: bool = False


class Line:
    """An address: its name, who may look (None: nobody), what is posted, its parameters (`at`)."""

    def __init__(
        self,
        name: str,
        looks: Rule | None,
        *posts: Post,
        query: str = "",
        **at: str,
    ) -> None:
        self.name = name
        self.looks = looks
        self.posts = posts
        #: What stands behind the question mark when somebody looks.
        self.query = query
        self.at = at

    def __str__(self) -> str:
        return " ".join([self.name, *self.at.values()])
