"""Firms on our side of a debt: whose it is, who services it, who we are."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.text import slugify

from accounts import buckets
from accounts.access import VisibleQuerySet
from core import clock
from users.models import Team


class Organization(models.Model):
    """A creditor, owner, servicer or vendor; which of these is a role, and it may have several."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    address = models.TextField(max_length=400, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        if not self.slug:
            self.slug = slugify(self.name)[:120]
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class OrganizationRole(models.Model):
    class Kind(models.TextChoices):
        CREDITOR = "CREDITOR", "Creditor"
        OWNER = "OWNER", "Owner"
        SERVICER = "SERVICER", "Servicer"
        VENDOR = "VENDOR", "Vendor"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=10, choices=Kind.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "kind"], name="organization_role_once")]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.kind}"


class ClientAccess(models.Model):
    """A client's user sees that organization's portfolios and nothing else."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="client_access")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="client_access")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organization"], name="client_access_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.organization_id}"


def _default_order() -> list[str]:
    return ["costs", "fees", "interest", "principal"]


class Portfolio(models.Model):
    """A creditor's book of one product and currency, with the rules that creditor set (F4)."""

    class CollectorType(models.TextChoices):
        THIRD_PARTY = "third_party", "Agency for the creditor"
        DEBT_BUYER = "debt_buyer", "Debt buyer"
        FIRST_PARTY = "first_party_creditor", "The creditor itself"

    class DebtClass(models.TextChoices):
        CONSUMER = "consumer", "Consumer"
        COMMERCIAL = "commercial", "Commercial"

    class Presumptions(models.TextChoices):
        ENFORCE = "enforce", "Block"
        ADVISE = "advise", "Warn"

    class Rounding(models.TextChoices):
        HALF_UP = "half_up", "To the nearest cent"
        DOWN = "down", "Down to the cent"
        UP = "up", "Up to the cent"

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    creditor = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="portfolios")
    owner = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="owned_portfolios")
    servicer = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="serviced_portfolios", null=True, blank=True
    )
    teams = models.ManyToManyField(Team, related_name="portfolios", blank=True)
    product = models.CharField(max_length=60, default="Credit card")
    currency = models.CharField(max_length=3, default="USD")
    debt_class = models.CharField(max_length=12, choices=DebtClass.choices, default=DebtClass.CONSUMER)
    collector_type = models.CharField(max_length=24, choices=CollectorType.choices, default=CollectorType.THIRD_PARTY)
    bucket_scheme = models.CharField(max_length=10, choices=[("bank", "Bank"), ("trade", "Trade")], default="bank")
    allocation_order = ArrayField(models.CharField(max_length=40), default=_default_order)
    rounding = models.CharField(max_length=10, choices=Rounding.choices, default=Rounding.HALF_UP)
    presumptions = models.CharField(max_length=10, choices=Presumptions.choices, default=Presumptions.ENFORCE)
    minimum_payment = models.DecimalField(max_digits=14, decimal_places=2, default=25)
    promise_grace_days = models.PositiveSmallIntegerField(default=2)
    promise_max_days = models.PositiveSmallIntegerField(default=30)
    promise_tolerance_percent = models.DecimalField(max_digits=5, decimal_places=2, default=95)
    plan_max_months = models.PositiveSmallIntegerField(default=24)
    interest_basis = models.PositiveSmallIntegerField(default=365)
    charges_interest = models.BooleanField(default=False)
    commission_percent = models.DecimalField(max_digits=5, decimal_places=2, default=25)
    time_zone = models.CharField(max_length=40, default="America/Chicago")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    night = models.PositiveIntegerField(default=1, db_default=1, editable=False)  # nights that wrote snapshots
    month_ended_on = models.DateField(null=True, blank=True, editable=False)  # the last night that wrote all accounts

    portfolio_path = "pk"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        if not self.slug:
            self.slug = slugify(self.name)[:120]
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def bucket_labels(self) -> list[str]:
        scheme: buckets.Scheme = "trade" if self.bucket_scheme == "trade" else "bank"
        return [buckets.bucket_label(code, scheme) for code in buckets.bucket_codes(scheme)]


class Placement(models.Model):
    """One batch of accounts handed to us: count and sum are what the creditor is told (F3)."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="placements")
    name = models.CharField(max_length=160)
    placed_on = models.DateField()
    received_at = models.DateTimeField(default=clock.now)
    accounts_count = models.PositiveIntegerField(default=0)
    placed_amount = models.DecimalField(max_digits=16, decimal_places=2, default=0)

    portfolio_path = "portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_on", "-pk"]

    def __str__(self) -> str:
        return self.name


class Firm(models.Model):
    """Who we are: one row, made on the first-run page; letters and disclosures print it."""

    name = models.CharField(max_length=120)
    address_line1 = models.CharField(max_length=120, blank=True)
    address_line2 = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=2, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    hours = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=40, default="America/Chicago")
    logo = models.BinaryField(null=True, blank=True)
    logo_type = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.name


class Licence(models.Model):
    """Our licence or registration to collect in a state. Without a valid one nothing goes out there (DECISIONS 16)."""

    state = models.CharField(max_length=3)
    number = models.CharField(max_length=60)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    wording = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["state", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until=None) | models.Q(valid_until__gte=models.F("valid_from")),
                name="licence_dates",
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.number}"
