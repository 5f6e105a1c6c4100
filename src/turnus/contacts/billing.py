"""Who bills with whom: organizations that are one customer together; chains are followed to their end, the root."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.models import Organization


@dataclass(slots=True)
class Billing:
    """Organization -> the one that it bills with; those that bill for themselves are absent."""

    parents: dict[int, int] = field(default_factory=dict)

    @classmethod
    def load(cls, viewer: User | None = None) -> "Billing":
        """Return what is stored; one query, as large as the number of organizations that bill with another.

        With a `viewer` as that person may know it: who bills with whom is told by neither if one of the two may not be
        seen. Figures go by that; without a viewer it is all that is stored, for rules that must hold for everybody.
        """
        held = Organization.objects.filter(bills_with__isnull=False).order_by()
        if viewer is not None:
            held = held.filter(visible(viewer), visible(viewer, through="bills_with__"))
        return cls(
            {
                pk: parent
                for pk, parent in held.values_list("pk", "bills_with_id")
                if parent is not None
            }
        )

    def root(self, organization: int) -> int:
        """Return the organization at the end of the chain, itself if it bills for itself.

        Chains do not close (`closes`); of one that was closed all the same, by taking back a run, the lowest number is the root.
        """
        chain = [organization]
        while (parent := self.parents.get(chain[-1])) is not None:
            if parent in chain:
                return min(chain[chain.index(parent) :])
            chain.append(parent)
        return chain[-1]

    def closes(self, organization: int, parent: int) -> bool:
        """Return whether the chain would come back to `organization` if it billed with `parent`."""
        seen = {organization}
        here: int | None = parent
        while here is not None and here not in seen:
            seen.add(here)
            here = self.parents.get(here)
        return here == organization

    def roots(self) -> Mapping[int, int]:
        """Return the root of each organization that bills with another."""
        return {one: self.root(one) for one in self.parents}

    def members(self, roots: Iterable[int]) -> set[int]:
        """Return the organizations whose root is one of `roots`, these included."""
        by_root: dict[int, set[int]] = defaultdict(set)
        for one, root in self.roots().items():
            by_root[root].add(one)
        return {each for root in roots for each in (root, *by_root.get(root, ()))}
