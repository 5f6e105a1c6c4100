"""Who is billed: organizations that are one customer, by the root at the end of their chain."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.models import Organization
from turnus.core.customers import Customer, CustomerKey, customer_key


def bought_by(customers: Iterable[Customer], prefix: str = "") -> Q:
    """Return the condition of the deals or subscriptions of `customers`, each for itself.

    `prefix` leads to the deal or subscription, such as `subscription__`.
    """
    return Billing().bought_by(customers, prefix)


@dataclass(slots=True)
class Billing:
    """Organization -> the one it is billed with; those that are billed themselves are absent."""

    parents: dict[int, int] = field(default_factory=dict)

    @classmethod
    def load(cls, viewer: User | None = None) -> "Billing":
        """Return what is stored; one query, a row for each organization billed with another.

        With a `viewer`, only the pairs of which that person may see both: figures go by that.
        Without one it is all that is stored, for rules that must hold for everybody.
        """
        billed = Organization.objects.filter(
            bills_with__isnull=False
        ).order_by()
        if viewer is not None:
            billed = billed.filter(
                visible(viewer), visible(viewer, through="bills_with__")
            )
        pairs = billed.values_list("pk", "bills_with_id")
        return cls({pk: parent for pk, parent in pairs if parent is not None})

    def key_of(
        self, organization_id: int | None, person_id: int | None
    ) -> CustomerKey:
        """Return the key of the customer who is billed for what has these contacts."""
        root_id = self.root(organization_id) if organization_id else None
        return customer_key(root_id, person_id)

    def bought_by(self, customers: Iterable[Customer], prefix: str = "") -> Q:
        """Return the condition of the deals or subscriptions for which `customers` are billed.

        `prefix` leads to the deal or subscription, such as `subscription__`. No other place puts a
        customer into SQL.
        """
        roots: list[int] = []
        persons: list[int] = []
        for customer in customers:
            if customer.is_person:
                persons.append(customer.id)
            else:
                roots.append(customer.id)
        by_organization = Q(
            **{f"{prefix}organization__in": self.members(roots)}
        )
        alone = {
            f"{prefix}organization__isnull": True,
            f"{prefix}person__in": persons,
        }
        return by_organization | Q(**alone)

    def root(self, organization: int) -> int:
        """Return the organization at the end of the chain, itself if it is billed itself.

        Chains do not close (`closes`). Undoing two runs at once may close one: its lowest id is the
        root then.
        """
        if organization not in self.parents:
            return organization
        chain = [organization]
        while (parent := self.parents.get(chain[-1])) is not None:
            if parent in chain:
                return min(chain[chain.index(parent) :])
            chain.append(parent)
        return chain[-1]

    def closes(self, organization: int, parent: int) -> bool:
        """Return whether billing `organization` with `parent` would close the chain."""
        visited = {organization}
        current: int | None = parent
        while current is not None and current not in visited:
            visited.add(current)
            current = self.parents.get(current)
        return current == organization

    def roots(self) -> Mapping[int, int]:
        """Return the root of each organization that is billed with another."""
        return {
            organization: self.root(organization)
            for organization in self.parents
        }

    def members(self, roots: Iterable[int]) -> set[int]:
        """Return the organizations whose root is one of `roots`, these included."""
        by_root: dict[int, set[int]] = defaultdict(set)
        for organization, root in self.roots().items():
            by_root[root].add(organization)
        members: set[int] = set()
        for root in roots:
            members |= {root} | by_root.get(root, set())
        return members
