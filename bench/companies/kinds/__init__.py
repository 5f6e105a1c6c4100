"""The kinds of companies, by name."""

from collections.abc import Callable, Mapping

from bench.companies.company import Company
from bench.companies.kinds import (
    places_and_sites,
    policies_and_members,
    work_and_software,
)

KINDS: Mapping[str, Callable[[Company], None]] = {
    "agency": work_and_software.agency,
    "cleaning": places_and_sites.cleaning,
    "club": policies_and_members.club,
    "cooperative": policies_and_members.cooperative,
    "energy": places_and_sites.energy,
    "franchise": places_and_sites.franchise,
    "gym": policies_and_members.gym,
    "hosting": work_and_software.hosting,
    "insurance": policies_and_members.insurance,
    "landlord": places_and_sites.landlord,
    "leasing": policies_and_members.leasing,
    "magazines": policies_and_members.magazines,
    "maintenance": places_and_sites.maintenance,
    "municipal": work_and_software.municipal,
    "prepaid": policies_and_members.prepaid,
    "renamed": work_and_software.renamed,
    "resellers": work_and_software.resellers,
    "seasonal": places_and_sites.seasonal,
    "security": places_and_sites.security,
    "software": work_and_software.software,
    "tax_adviser": work_and_software.tax_adviser,
    "training": work_and_software.training,
    "web_agency": work_and_software.web_agency,
}


def company_of(kind: str, *, seed: int, size: int = 40) -> Company:
    """Return a company of a kind with all its deals; the same seed makes the same one."""
    company = Company(kind, seed=seed, size=size)
    KINDS[kind](company)
    company.close()
    return company
