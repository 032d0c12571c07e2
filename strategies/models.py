"""What to do next: the work, who has it in hand, and how officers look at it."""

from datetime import date

from django.conf import settings
from django.db import models

from accounts.access import VisibleQuerySet
from accounts.models import Account, Debtor, Portfolio
from core import clock
from users.models import Team

NOT_LATE = date(9999, 12, 31)  # late_since of somebody who is not late: sorts last, is 0 days


class Queue(models.TextChoices):
    CALLBACK = "callbacks", "Call-backs due"
    REPLY = "replies", "Replies to answer"
    BROKEN_PROMISE = "broken-promises", "Broken promises"
    NEW = "new", "New this week"
    PLAN_AT_RISK = "plans-at-risk", "Plans at risk"
    DISPUTE = "disputes", "Disputes answered"
    SKIP = "skip", "No working number"
    REVIEW = "review", "To review"
    GENERAL = "general", "To work"


class WorkItem(models.Model):
    """One thing for an officer to do about a person: one open item each, its queue the most urgent reason.

    `priority` is the sum of `reasons` (component → points), stored so that the list sorts by index;
    `not_before` is the first moment the item may be offered (a call-back's time, the next lawful
    minute, a snooze). Amount, name and last contact repeat what the list shows. Days late are derived from
    `late_since`, so that no night rewrites a million rows. `set_queue` is a queue somebody chose: the facts
    do not move the item until it is done. `held` says that the person is in hand (PersonHold is the proof),
    so that claims pass over it by index.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", "To do"
        DONE = "DONE", "Done"
        CANCELLED = "CANCELLED", "Cancelled"

    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="work_items")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="work_items")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="work_items", null=True, db_index=False)
    queue = models.CharField(max_length=20, choices=Queue.choices)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    priority = models.IntegerField(default=0)
    reasons = models.JSONField(default=dict)
    not_before = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="work_items"
    )
    next_step = models.CharField(max_length=80, blank=True)
    zone_key = models.CharField(max_length=160, default="")
    home_zone = models.CharField(max_length=40, blank=True, default="", db_default="")
    name = models.CharField(max_length=200, default="")
    folded_name = models.CharField(max_length=200, default="")
    set_queue = models.CharField(max_length=20, blank=True, default="")
    held = models.BooleanField(default=False)
    currency = models.CharField(max_length=3, default="USD")
    language = models.CharField(max_length=10, default="en")
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    late_since = models.DateField(default=NOT_LATE)
    debts = models.PositiveSmallIntegerField(default=1)
    missed_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    missed_on = models.DateField(null=True, blank=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    last_contact = models.CharField(max_length=40, blank=True)
    wrong_priority_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    portfolio_path = "portfolio"
    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["debtor"], condition=models.Q(state="OPEN"), name="one_open_work_item")
        ]
        indexes = [
            models.Index(
                fields=["portfolio", "-priority", "id"],
                condition=models.Q(state="OPEN"),
                name="work_portfolio",
            ),
            models.Index(
                fields=["portfolio", "queue", "-priority", "id"],
                condition=models.Q(state="OPEN"),
                name="work_queue",
            ),
            models.Index(fields=["team", "-priority", "id"], condition=models.Q(state="OPEN"), name="work_team"),
            models.Index(fields=["assigned_to", "due_at"], condition=models.Q(state="OPEN"), name="work_assigned"),
            models.Index(fields=["queue", "due_at"], condition=models.Q(state="OPEN"), name="work_due"),
            models.Index(
                fields=["portfolio", "-priority", "id"],
                condition=models.Q(state="OPEN", held=False),
                name="work_to_claim",
            ),
            models.Index(fields=["assigned_to", "-priority", "id"], condition=models.Q(state="OPEN"), name="work_mine"),
            models.Index(fields=["portfolio", "-amount", "id"], condition=models.Q(state="OPEN"), name="work_amount"),
            models.Index(fields=["portfolio", "late_since", "id"], condition=models.Q(state="OPEN"), name="work_late"),
            models.Index(fields=["portfolio", "folded_name", "id"], condition=models.Q(state="OPEN"), name="work_name"),
        ]

    def __str__(self) -> str:
        return f"work {self.pk}"

    def days_late(self, on: date) -> int:
        """Calendar days late on a day; 0 when not late."""
        return max((on - self.late_since).days, 0)


class PersonHold(models.Model):
    """Who has a person in hand. One open hold each, whatever the creditor; it expires (DECISIONS 3).

    RESERVED is nobody's hand: the person is kept ready for a few minutes for an officer who goes fast, by the verdict
    of `judged_at`, for the queue `reserved_for` (strategies/reserve.py).

    `position` of `size` is an officer's place in the queue she works: how many she took of it, and these with the
    ones who still waited at that moment (0: taken before sizes were kept).
    """

    class Kind(models.TextChoices):
        OFFICER = "OFFICER", "An officer"
        DIALER = "DIALER", "A dialer list"
        CALLBACK = "CALLBACK", "A call-back"
        RESERVED = "RESERVED", "Kept ready"

    debtor = models.ForeignKey(Debtor, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="person_holds", null=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.OFFICER)
    work_item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    release_reason = models.CharField(max_length=40, blank=True)
    queue = models.CharField(max_length=20, blank=True)
    position = models.PositiveIntegerField(default=0)
    size = models.PositiveIntegerField(default=0, db_default=0)
    verdict_id = models.UUIDField(null=True)
    reserved_for = models.CharField(max_length=20, blank=True, default="", db_default="")
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["debtor"], condition=models.Q(released_at=None), name="one_open_hold")
        ]
        indexes = [
            models.Index(fields=["user"], condition=models.Q(released_at=None), name="hold_of_user"),
            models.Index(fields=["user"], condition=models.Q(released_at=None, kind="RESERVED"), name="hold_reserve"),
            models.Index(fields=["expires_at"], condition=models.Q(released_at=None), name="hold_expiry"),
            models.Index(fields=["user", "-taken_at"], name="hold_latest"),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class SavedView(models.Model):
    """Filters, sort, columns and density under a name; private or the team's."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views", null=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="saved_views", null=True, blank=True)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=100)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["user", "slug"], name="savedview_once")]

    def __str__(self) -> str:
        return self.name


class PriorityWeights(models.Model):
    """How points are given (F17, D10). A save is a new row; the newest one counts."""

    weights = models.JSONField()
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"weights {self.pk}"


class QueueCount(models.Model):
    """How many items wait in a queue of a portfolio, at most 60 s old: lists never COUNT in the request."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="+")
    queue = models.CharField(max_length=20, choices=Queue.choices)
    zone_key = models.CharField(max_length=160, default="")
    waiting = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portfolio", "queue", "zone_key"], name="queuecount_once")]

    def __str__(self) -> str:
        return f"{self.queue} {self.waiting}"


class BulkAction(models.Model):
    """A bulk act with what it changed, so that it can be taken back (F22)."""

    kind = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    before = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
