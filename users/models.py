"""Who works here: people, teams, roles, and how their shift went."""

from datetime import datetime, time
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from core import clock, crypto


class Role(models.TextChoices):
    OFFICER = "officer", "Officer"
    LEAD = "lead", "Team lead"
    MANAGER = "manager", "Manager"
    ADMIN = "admin", "Administrator"
    COMPLIANCE = "compliance", "Compliance"
    CLIENT = "client", "Client"


class Team(models.Model):
    """People who work the same portfolios. Leads see their team's, managers those of all their teams."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    time_zone = models.CharField(max_length=40, default="America/Chicago")
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        """A new person with a hashed password (None: can't sign in yet)."""
        user = self.model(username=username.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who may sign in. Roles are a set; a person may have several."""

    class Density(models.TextChoices):
        COMPACT = "compact", "Compact"
        NORMAL = "normal", "Normal"
        ROOMY = "roomy", "Roomy"

    class Theme(models.TextChoices):
        SYSTEM = "", "As the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    username = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    role_list = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, blank=True)
    teams = models.ManyToManyField(Team, related_name="members", blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    sign_on_from = models.TimeField(null=True, blank=True)
    sign_on_until = models.TimeField(null=True, blank=True)
    density = models.CharField(max_length=10, choices=Density.choices, default=Density.COMPACT)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM, blank=True)
    single_keys = models.BooleanField(default=True)
    phone_extension = models.CharField(max_length=20, blank=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        ordering = ["display_name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sign_on_from__isnull=True, sign_on_until__isnull=True)
                | models.Q(sign_on_from__isnull=False, sign_on_until__isnull=False),
                name="user_sign_on_hours_whole",
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def roles(self) -> frozenset[str]:
        """The codes of this person's roles."""
        return frozenset(self.role_list)

    def has_role(self, *names: str) -> bool:
        return bool(self.roles & set(names))

    @property
    def initials(self) -> str:
        words = [w for w in self.display_name.split() if w]
        return "".join(w[0] for w in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"

    @property
    def first_name(self) -> str:
        return self.display_name.split(" ")[0]

    @property
    def short_name(self) -> str:
        """`Olive M.` for timelines."""
        words = self.display_name.split()
        return f"{words[0]} {words[-1][0]}." if len(words) > 1 else self.display_name

    def may_sign_on(self, local: time) -> bool:
        """Is this local time of day within the person's sign-on hours (end exclusive; none set means always)?"""
        if self.sign_on_from is None or self.sign_on_until is None:
            return True
        if self.sign_on_from <= self.sign_on_until:
            return self.sign_on_from <= local < self.sign_on_until
        return local >= self.sign_on_from or local < self.sign_on_until

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superuser


class TimeState(models.TextChoices):
    READY = "READY", "Ready"
    ON_CALL = "ON_CALL", "On a call"
    WRAP_UP = "WRAP_UP", "Wrap-up"
    BREAK = "BREAK", "Break"
    TRAINING = "TRAINING", "Training"
    MEETING = "MEETING", "Meeting"


class Shift(models.Model):
    """From sign-on to sign-off. One open shift each."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="shifts")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(ended_at=None), name="one_open_shift"),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("started_at")),
                name="shift_order",
            ),
        ]

    def __str__(self) -> str:
        return f"shift {self.pk}"


class ShiftPart(models.Model):
    """A stretch of one state within a shift; half-open, one open part each."""

    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="parts")
    state = models.CharField(max_length=10, choices=TimeState.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shift"], condition=models.Q(ended_at=None), name="one_open_shift_part")
        ]
        indexes = [models.Index(fields=["started_at"], name="shiftpart_started")]

    def __str__(self) -> str:
        return f"{self.state} in shift {self.shift_id}"

    def seconds(self, until: datetime) -> int:
        return int(((self.ended_at or until) - self.started_at).total_seconds())


class SecondFactor(models.Model):
    """The authenticator of one person (RFC 6238). The secret is class S: sealed to this row, shown only to enrol.

    `last_step` is the newest time step whose code was taken: a code is good once. Not confirmed: not asked for yet.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor", primary_key=True)
    sealed = models.TextField()
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"second step of {self.user_id}"

    @property
    def _row(self) -> str:
        return f"users_secondfactor:sealed:{self.user_id}"

    def seal(self, secret: str) -> None:
        """Put the secret in, encrypted for this row."""
        self.sealed = crypto.encrypt(secret, row=self._row)

    def secret(self) -> str:
        """The secret in clear. Raises crypto.Unreadable."""
        return crypto.decrypt(self.sealed, row=self._row)


class RecoveryCode(models.Model):
    """One way in without the authenticator, good once. Only a keyed hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class RoleRule(models.Model):
    """What signing in with a role takes. No row: a name and a password."""

    role = models.CharField(max_length=20, choices=Role.choices, primary_key=True)
    second_step = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.role
