"""People and firms who owe, and how to reach them."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, OuterRef

from accounts.access import portfolio_ids
from core import clock, crypto
from core.text import fold

# `visible_to` as a condition on a row `d` of a prepared statement; `books`: access.portfolio_ids, NULL for all.
SEEN = """(%(books)s IS NULL
    OR EXISTS (SELECT 1 FROM accounts_account b WHERE b.debtor_id = d.id AND b.portfolio_id = ANY(%(books)s))
    OR EXISTS (SELECT 1 FROM accounts_accountparty q JOIN accounts_account b ON b.id = q.account_id
        WHERE q.debtor_id = d.id AND b.portfolio_id = ANY(%(books)s)))"""


class DebtorQuerySet(models.QuerySet["Debtor"]):
    def visible_to(self, user: Any) -> "DebtorQuerySet":
        """People with at least one account in a portfolio the user may see."""
        from .debts import Account

        ids = portfolio_ids(user)
        if ids is None:
            return self
        if not ids:
            return self.none()
        mine = AccountParty.objects.filter(debtor=OuterRef("pk"), account__portfolio__in=sorted(ids))
        primary = Account.objects.filter(debtor=OuterRef("pk"), portfolio__in=sorted(ids))
        return self.filter(Exists(primary) | Exists(mine))


class Debtor(models.Model):
    """A person or firm. The debts hang on it; the hold on work, the calls and the messages are the person's."""

    class Kind(models.TextChoices):
        PERSON = "PERSON", "Person"
        FIRM = "FIRM", "Firm"

    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.PERSON)
    name = models.CharField(max_length=200)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    folded_name = models.CharField(max_length=200, editable=False)
    birth_date = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=10, default="en")
    large_print = models.BooleanField(default=False)
    vulnerability = models.CharField(max_length=200, blank=True)
    vulnerability_review_on = models.DateField(null=True, blank=True)
    keep_in_mind = models.TextField(max_length=1000, blank=True)
    zones = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    zone_key = models.CharField(max_length=160, default="", db_index=True)
    home_zone = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=3, blank=True)
    contact_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    objects = DebtorQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["folded_name"], name="debtor_name_trgm", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["birth_date", "last_name"], name="debtor_born"),
            models.Index(fields=["folded_name"], name="debtor_folded"),
        ]

    def __str__(self) -> str:
        return self.ref

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded_name = fold(self.name)[:200]
        self.zone_key = "|".join(sorted(self.zones))[:160]
        super().save(*args, **kwargs)

    @property
    def ref(self) -> str:
        return f"P-{self.pk}"

    @property
    def given_name(self) -> str:
        return self.first_name or self.name

    def get_absolute_url(self) -> str:
        return f"/people/P-{self.pk}/"


class ContactPoint(models.Model):
    """One phone, e-mail or postal address: where it came from, what it is, how it went (F11)."""

    class Kind(models.TextChoices):
        PHONE = "PHONE", "Phone"
        EMAIL = "EMAIL", "E-mail"
        ADDRESS = "ADDRESS", "Address"

    class Use(models.TextChoices):
        HOME = "HOME", "Home"
        MOBILE = "MOBILE", "Mobile"
        WORK = "WORK", "Work"
        OTHER = "OTHER", "Other"

    class Line(models.TextChoices):
        UNKNOWN = "unknown", "Unknown line"
        MOBILE = "mobile", "Mobile"
        LANDLINE = "landline", "Landline"
        VOIP = "voip", "Internet phone"

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", "In use"
        UNVERIFIED = "UNVERIFIED", "Not checked"
        BAD = "BAD", "Bad"
        WRONG_PARTY = "WRONG_PARTY", "Somebody else's"
        RETIRED = "RETIRED", "No longer used"

    class Source(models.TextChoices):
        CREDITOR = "CREDITOR", "From the creditor"
        CONSUMER = "CONSUMER", "From the person"
        SKIP = "SKIP", "Found by search"
        BUREAU = "BUREAU", "From a bureau"
        OTHER = "OTHER", "Other"

    debtor = models.ForeignKey(Debtor, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    use = models.CharField(max_length=6, choices=Use.choices, default=Use.OTHER)
    line = models.CharField(max_length=8, choices=Line.choices, default=Line.UNKNOWN, blank=True)
    value = models.CharField(max_length=320)
    address_line2 = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=3, blank=True)
    postal_code = models.CharField(max_length=12, blank=True)
    country = models.CharField(max_length=2, default="US")
    zone = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    status_at = models.DateTimeField(default=clock.now)
    status_reason = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=9, choices=Source.choices, default=Source.CREDITOR)
    source_at = models.DateTimeField(default=clock.now)
    employer_provided = models.BooleanField(default=False)
    preferred = models.BooleanField(default=False)
    last_result = models.CharField(max_length=60, blank=True)
    last_result_at = models.DateTimeField(null=True, blank=True)
    extension = models.CharField(max_length=10, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["debtor", "kind"], name="contactpoint_debtor"),
            models.Index(fields=["kind", "value"], name="contactpoint_value"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["debtor", "kind", "value", "address_line2", "postal_code"], name="contactpoint_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def usable(self) -> bool:
        return self.status in (self.Status.ACTIVE, self.Status.UNVERIFIED)

    @property
    def address_lines(self) -> list[str]:
        """The lines to print, as stored; empty for a phone or e-mail."""
        if self.kind != self.Kind.ADDRESS:
            return []
        place = f"{self.city}, {self.state} {self.postal_code}".strip(", ")
        return [line for line in (self.value, self.address_line2, place) if line]


class Identifier(models.Model):
    """A class-S value (Social Security, bank account): sealed to its row, found by blind index, shown by its end."""

    class Kind(models.TextChoices):
        SSN = "SSN", "Social Security"
        BANK = "BANK", "Bank account"
        ID = "ID", "Identity document"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    debtor = models.ForeignKey(Debtor, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    sealed = models.TextField()
    index = models.CharField(max_length=64, db_index=True)
    last4 = models.CharField(max_length=4, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["debtor", "kind", "index"], name="identifier_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def _row(self) -> str:
        return f"accounts_identifier:sealed:{self.pk}"

    def seal(self, value: str) -> None:
        """Put the clear value in, encrypted for this row."""
        digits = "".join(c for c in value if c.isalnum())
        self.sealed = crypto.encrypt(value, row=self._row)
        self.index = crypto.blind_index(value)
        self.last4 = digits[-4:] if len(digits) > 4 else ""

    def reveal(self) -> str:
        """The clear value. Callers need the right, a reason and an audit row. Raises crypto.Unreadable."""
        return crypto.decrypt(self.sealed, row=self._row)


class AccountParty(models.Model):
    """Who has to do with an account, in which role, with what liability and until when (F9, F10)."""

    class Role(models.TextChoices):
        PRIMARY = "PRIMARY", "Owes it"
        CO_OBLIGOR = "CO_OBLIGOR", "Owes it too"
        GUARANTOR = "GUARANTOR", "Guarantees it"
        ATTORNEY = "ATTORNEY", "Attorney"
        ADVISER = "ADVISER", "Debt adviser"
        EXECUTOR = "EXECUTOR", "Executor"
        POWER_OF_ATTORNEY = "POA", "Power of attorney"
        SPOUSE = "SPOUSE", "Spouse"
        AUTHORIZED = "AUTHORIZED", "May be talked to"

    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="parties")
    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="party_roles")
    role = models.CharField(max_length=10, choices=Role.choices)
    liability = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    may_hear_balance = models.BooleanField(default=False)
    evidence = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "debtor", "role"], name="accountparty_once"),
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(role="PRIMARY"), name="accountparty_one_primary"
            ),
            models.CheckConstraint(
                condition=models.Q(liability=None) | models.Q(liability__gt=0), name="party_liability"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} on {self.account_id}"
