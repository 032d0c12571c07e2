"""Our firm, the creditors and their portfolios, each with rules of its own (F4)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import Firm, Licence, Organization, OrganizationRole, Portfolio
from users.models import Team

from .places import WEIGHTS


@dataclass(frozen=True, slots=True)
class Book:
    """What a portfolio's debts look like. Amounts in whole dollars of the portfolio's currency; ages in days."""

    slug: str
    prefix: str
    weight: int
    principal: tuple[int, int]
    interest: tuple[int, int]
    fees: tuple[int, int]
    costs: tuple[int, int]
    age: tuple[int, int]
    charged_off: bool = False
    firms: bool = False
    itemization: str = "last_statement"
    medical: bool = False


BOOKS = (
    Book("northwind-electric", "NW", 22, (60, 900), (0, 0), (0, 45), (0, 0), (40, 120)),
    Book("tallgrass-cards", "TG", 22, (400, 9800), (40, 900), (0, 120), (0, 60), (185, 420), True,
         itemization="charge_off"),
    Book("tallgrass-auto", "TA", 8, (2400, 16000), (100, 1500), (0, 250), (0, 400), (125, 300), True,
         itemization="charge_off"),
    Book("brightwater-utilities", "BW", 16, (50, 780), (0, 0), (0, 40), (0, 0), (35, 110)),
    Book("cedar-valley-hospital", "CV", 15, (120, 5200), (0, 0), (0, 0), (0, 0), (90, 240),
         itemization="transaction", medical=True),
    Book("northline-mobile", "NM", 13, (70, 1300), (0, 0), (0, 60), (0, 0), (30, 100)),
    Book("ashgrove-trade", "AG", 4, (700, 24000), (0, 700), (0, 100), (0, 200), (20, 90), firms=True),
)  # fmt: skip

ORGANIZATIONS: dict[str, tuple[str, ...]] = {
    "Northwind Energy": ("CREDITOR", "OWNER"),
    "Tallgrass Bank": ("CREDITOR", "OWNER"),
    "Halden Receivables": ("OWNER",),
    "Meridian Loan Servicing": ("SERVICER",),
    "Brightwater Utilities": ("CREDITOR", "OWNER"),
    "Cedar Valley Hospital": ("CREDITOR", "OWNER"),
    "Northline Mobile": ("CREDITOR", "OWNER"),
    "Ashgrove Supply": ("CREDITOR", "OWNER"),
    "Pinecone Print and Mail": ("VENDOR",),
}
_PORTFOLIOS: dict[str, dict[str, Any]] = {
    "northwind-electric": {
        "name": "Northwind electric", "creditor": "Northwind Energy", "product": "Electricity", "team": "North",
        "minimum_payment": Decimal(25), "promise_grace_days": 2, "plan_max_months": 12, "commission_percent": 18,
    },
    "tallgrass-cards": {
        "name": "Tallgrass cards", "creditor": "Tallgrass Bank", "owner": "Halden Receivables",
        "collector_type": "debt_buyer", "product": "Credit card", "team": "North", "minimum_payment": Decimal(50),
        "allocation_order": ["costs", "interest", "fees", "principal"], "promise_grace_days": 3,
        "promise_max_days": 21, "plan_max_months": 36, "commission_percent": 28,
    },
    "tallgrass-auto": {
        "name": "Tallgrass auto", "creditor": "Tallgrass Bank", "servicer": "Meridian Loan Servicing",
        "product": "Auto loan", "team": "North", "minimum_payment": Decimal(100), "plan_max_months": 48,
        "rounding": "up", "promise_tolerance_percent": 98, "commission_percent": 24,
    },
    "brightwater-utilities": {
        "name": "Brightwater utilities", "creditor": "Brightwater Utilities", "product": "Water and gas",
        "team": "South", "minimum_payment": Decimal(20), "plan_max_months": 18, "promise_tolerance_percent": 90,
    },
    "cedar-valley-hospital": {
        "name": "Cedar Valley hospital", "creditor": "Cedar Valley Hospital", "product": "Medical", "team": "South",
        "minimum_payment": Decimal(15), "promise_grace_days": 5, "promise_max_days": 45, "rounding": "down",
        "allocation_order": ["principal", "interest", "fees", "costs"], "commission_percent": 20,
    },
    "northline-mobile": {
        "name": "Northline mobile", "creditor": "Northline Mobile", "product": "Mobile phone", "team": "South",
        "minimum_payment": Decimal(30), "plan_max_months": 9,
    },
    "ashgrove-trade": {
        "name": "Ashgrove trade", "creditor": "Ashgrove Supply", "product": "Trade credit", "team": "South",
        "minimum_payment": Decimal(250), "debt_class": "commercial", "bucket_scheme": "trade",
        "promise_tolerance_percent": 100, "promise_grace_days": 3,
    },
}  # fmt: skip
_FIRM = {
    "name": "Larkfield Recovery", "address_line1": "400 Mill Street", "city": "Evanston", "state": "IL",
    "postal_code": "60201", "phone": "+18475550100", "email": "help@larkfield.example.com",
    "website": "https://larkfield.example.com", "hours": "Monday to Friday, 8 AM to 6 PM Central",
    "time_zone": "America/Chicago",
}  # fmt: skip


def firm() -> None:
    """Larkfield Recovery, licensed in every state; kept as it is when there is one already."""
    if not Firm.objects.exists():
        Firm.objects.create(**_FIRM)
    have = set(Licence.objects.values_list("state", flat=True))
    Licence.objects.bulk_create(
        Licence(state=state, number=f"{state}-{4000 + n}", valid_from=date(2020, 1, 1))
        for n, state in enumerate(sorted(set(WEIGHTS) - have))
    )


def organizations() -> dict[str, Organization]:
    """The creditors and the others, by name."""
    found: dict[str, Organization] = {}
    for number, (name, kinds) in enumerate(ORGANIZATIONS.items()):
        slug = name.lower().replace(" ", "")
        found[name], _ = Organization.objects.get_or_create(
            name=name,
            defaults={
                "address": f"{100 + 10 * number} Market Street\nSpringfield, IL 62701",
                "phone": f"+1217555{110 + number:04d}",
                "email": f"accounts@{slug}.example.com",
            },
        )
        for kind in kinds:
            OrganizationRole.objects.get_or_create(organization=found[name], kind=kind)
    return found


def portfolios(teams: dict[str, Team]) -> dict[str, Portfolio]:
    """The portfolios by slug, each worked by its team."""
    firms = organizations()
    found: dict[str, Portfolio] = {}
    for slug, rules in _PORTFOLIOS.items():
        fields = dict(rules)
        team = teams[fields.pop("team")]
        creditor = firms[fields.pop("creditor")]
        owner, servicer = fields.pop("owner", None), fields.pop("servicer", None)
        found[slug], _ = Portfolio.objects.get_or_create(
            slug=slug,
            defaults={
                **fields,
                "creditor": creditor,
                "owner": firms[owner] if owner else creditor,
                "servicer": firms[servicer] if servicer else None,
            },
        )
        found[slug].teams.add(team)
    return found
