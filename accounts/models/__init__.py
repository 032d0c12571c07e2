"""Who owes what to whom, and where they can be found."""

from .debtors import AccountParty, ContactPoint, Debtor, Identifier
from .debts import Account, AccountSnapshot, Component, Document, Quote
from .intake import ColumnMap, ImportFile, ImportRow
from .organizations import ClientAccess, Firm, Licence, Organization, OrganizationRole, Placement, Portfolio

__all__ = [
    "Account",
    "AccountParty",
    "AccountSnapshot",
    "ClientAccess",
    "ColumnMap",
    "Component",
    "ContactPoint",
    "Debtor",
    "Document",
    "Firm",
    "Identifier",
    "ImportFile",
    "ImportRow",
    "Licence",
    "Organization",
    "OrganizationRole",
    "Placement",
    "Portfolio",
    "Quote",
]
