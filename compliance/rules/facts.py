"""What the engine may know: frozen, slotted records in the shape of the compliance vectors.

All instants are aware datetimes (UTC is fastest); all days are local calendar dates; money is Decimal.
A tuple that is empty means "nothing known", never "anything goes".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compliance.rules.history import History

TIMED = frozenset({"call", "ringless_voicemail", "sms", "email", "social_private", "social_public", "in_person"})
CONTACT = TIMED | {"letter", "postcard"}
ELECTRONIC = frozenset({"sms", "email", "social_private"})
CALLS = frozenset({"call", "ringless_voicemail"})
WRITTEN = frozenset({"letter", "postcard", "email", "sms", "social_private"})
NON_CONTACT = frozenset({
    "furnish", "sue", "sell", "repossess", "setoff", "accrue_interest", "debit_payment", "deposit_check",
    "charge_fee", "apply_payment", "accept_payment", "automated_decision", "compute",
})  # fmt: skip

CONSUMER_ROLES = frozenset({"consumer", "spouse", "executor", "guardian", "parent_of_minor", "successor"})
EXEMPT_ROLES = frozenset({"attorney", "cra", "creditor", "creditor_attorney", "collector_attorney"})


@dataclass(frozen=True, slots=True)
class Address:
    id: str = ""
    kind: str = "home"  # home, mailing, work
    state: str = ""
    postal_code: str = ""
    country: str = "US"
    city: str = ""
    locality: str = ""  # "NYC" where a city has rules of its own
    tz: tuple[str, ...] = ()
    current: bool = True


@dataclass(frozen=True, slots=True)
class Phone:
    id: str = ""
    e164: str = ""
    kind: str = "unknown"  # mobile, landline, work, voip, unknown
    tz: tuple[str, ...] = ()
    status: str = "active"  # active, wrong_number, disconnected
    tcpa_consent_on: date | None = None
    tcpa_consent_source: str = ""


@dataclass(frozen=True, slots=True)
class CreditorNotice:
    sent_on: date
    opt_out_deadline: date


@dataclass(frozen=True, slots=True)
class PriorCollector:
    obtained_properly: bool = False
    immediately_prior_used: bool = False
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Email:
    address: str = ""
    employer_provided: bool = False
    domain_public: bool = False
    creditor_used: bool = False
    creditor_notice: CreditorNotice | None = None
    opted_out: bool = False
    prior_collector: PriorCollector | None = None


@dataclass(frozen=True, slots=True)
class KnownLocation:
    """Where the person says they are. `until` is the last local day on which it holds."""

    tz: tuple[str, ...]
    until: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """A weekly interval in local time. `start` and `end` are minutes of the day (1440 is midnight), end exclusive."""

    days: frozenset[int] = frozenset(range(7))  # Monday is 0
    start: int = 0
    end: int = 1440
    tz: str = ""
    from_: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    inconvenient: tuple[Window, ...] = ()
    convenient: tuple[Window, ...] = ()
    inconvenient_places: frozenset[str] = frozenset()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Attorney:
    name: str = ""
    name_and_address_known: bool = True
    unresponsive: bool = False
    consents_direct: bool = False
    debt_ids: tuple[str, ...] = ()  # empty: every debt


@dataclass(frozen=True, slots=True)
class Bankruptcy:
    chapter: int = 7
    status: str = "open"  # open, discharged, dismissed
    filed_on: date | None = None
    discharged_on: date | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """Active duty (50 USC 3901 ff). `active_to` None means still serving."""

    active_from: date
    active_to: date | None = None


@dataclass(frozen=True, slots=True)
class BreathingSpace:
    type: str = "standard"  # standard, mental_health_crisis
    start: date | None = None
    treatment_ended_on: date | None = None
    cancelled_on: date | None = None


@dataclass(frozen=True, slots=True)
class PlanInDevelopment:
    informed_on: date
    progress_evidence: bool = False


@dataclass(frozen=True, slots=True)
class HouseHold:
    """A pause of our own on the person (no `debt_ids`) or on some debts. `until` is the first instant without it."""

    kind: str
    label: str
    since: datetime
    until: datetime | None = None
    debt_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flags:
    attorney: Attorney | None = None
    bankruptcy: Bankruptcy | None = None
    deceased: bool = False
    deceased_on: date | None = None
    employer_prohibits: bool = False
    scra: Service | None = None
    breathing_space: BreathingSpace | None = None
    repayment_plan: PlanInDevelopment | None = None
    valid_dispute_open: bool = False
    capacity_concern: bool = False
    statute_barred_refusal: bool = False
    gdpr_restriction: bool = False
    gdpr_marketing_objection: bool = False
    house_holds: tuple[HouseHold, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """The consumer or somebody around the debt. Without own addresses a person uses the consumer's facts."""

    id: str = "c1"
    role: str = "consumer"
    name: str = ""
    resides_in: str = ""
    addresses: tuple[Address, ...] = ()
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    known_location: KnownLocation | None = None
    preferences: Preferences = Preferences()
    flags: Flags = Flags()
    requested_contact: bool = False
    earlier_response_erroneous: bool = False
    consumer_consented: bool = False


@dataclass(frozen=True, slots=True)
class Medical:
    """Facts of a medical debt. Present only where the medical pack should judge the debt."""

    tax_exempt_hospital: bool = False
    first_bill_on: date | None = None  # first post-discharge billing statement
    action_notice_on: date | None = None  # written notice of intended collection actions
    assistance_applied_on: date | None = None
    assistance_decided_on: date | None = None
    paid_by_insurance: bool = False


@dataclass(frozen=True, slots=True)
class Debt:
    id: str = "d1"
    debt_class: str = "consumer"  # consumer, commercial
    type: str = ""
    current_creditor: str = ""
    creditor_key: str = ""  # the short name of that creditor, which a new name does not change
    original_creditor: str = ""
    account_group: str = ""
    status: str = "open"  # open, paid, settled, discharged
    balance: Decimal | None = None
    currency: str = "USD"
    time_barred: bool | None = None
    sol_expires_on: date | None = None
    sol_started_on: date | None = None
    dofd: date | None = None
    incurred_on: date | None = None
    cfps: bool = True  # a consumer financial product or service
    dischargeable: bool = True
    identity_theft_605b: bool = False
    identity_theft_report: bool = False
    contract_signed_in: str = ""
    secured_by_real_property: bool = False
    property_in: str = ""
    medical: Medical | None = None

    @property
    def group(self) -> str:
        """The particular debt for counting: loans serviced under one account number are one."""
        return self.account_group or self.id


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. Empty `debt_ids` means the first debt, for a cease request every debt."""

    kind: str
    at: datetime
    id: str = ""
    direction: str = "out"
    person_id: str = ""  # empty: the consumer
    debt_ids: tuple[str, ...] = ()
    to: str = ""
    from_: str = ""
    outcome: str = ""
    purpose: str = ""
    automated: str = ""
    via: str = ""
    ref: str = ""
    scope: str = ""
    medium: str = ""
    address: str | None = None
    written: bool | None = None
    received_at: datetime | None = None
    valid_from: datetime | None = None
    until: datetime | None = None
    portion: str = ""
    phone: str = ""
    result: str = ""
    written_confirmation_at: datetime | None = None
    entry: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """House hours in minutes of the local day, close exclusive."""

    open: int
    close: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The creditor's choices. `unknown_age` "warn" asks a person before a suit on a debt of unknown age."""

    presumptions: str = "enforce"  # enforce, advise
    apply_regf_to_first_party: bool = False
    quiet_hours: QuietHours | None = None
    no_contact_days: frozenset[int] = frozenset()
    no_contact_federal_holidays: bool = False
    furnish_wait_days: int | None = None
    max_electronic_per_week: int | None = None
    unknown_age: str = "warn"  # warn, allow


@dataclass(frozen=True, slots=True)
class License:
    """A licence to collect in a state, valid through the whole local day `valid_until` (None: no end)."""

    state: str
    valid_until: date | None = None
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class Collector:
    """Who collects. `licenses` None means licences are not judged; an empty tuple means there are none."""

    type: str = "third_party"  # third_party, debt_buyer, first_party_creditor
    name: str = ""
    uses_third_party_name: bool = False
    principal_purpose: bool = True
    licenses: tuple[License, ...] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A snapshot of everything known about one consumer. The first debt and first address are the home ones."""

    consumer: Person = Person()
    debts: tuple[Debt, ...] = (Debt(),)
    persons: tuple[Person, ...] = ()
    history: tuple[Event, ...] = ()
    collector: Collector = Collector()
    policy: Policy = Policy()
    jurisdiction: str = "US"  # US, UK, EU
    _index: History | None = field(default=None, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Action:
    """A proposed act. `content` None means the content is not judged; a set (even empty) is judged."""

    channel: str = "call"
    purpose: str = "collect"
    automated: str = "none"  # none, atds, prerecorded
    to: str = ""
    person_id: str = ""  # empty: the consumer
    debt_ids: tuple[str, ...] = ()  # empty: the first debt
    sender_name: str = ""
    inbound: bool = False
    amount_scope: str = ""
    court_permission: bool = False
    content: frozenset[str] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)  # of one channel: rate_apr, venue, entry …
