"""What the outbox and the templates say. Reads only; rows of persons start at visible_to."""

import difflib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q, QuerySet

from accounts.models import Firm
from compliance.models import VerdictRecord
from core import keyset
from letters import channels, kinds, merge_fields
from letters.models import Channel, Message, Template, TemplateVersion
from letters.states import ARRIVED, COLOURS, OPEN, State

TABS = (
    ("", "All", ()),
    ("waiting", "Waiting", tuple(OPEN)),
    ("sent", "Sent", tuple(ARRIVED)),
    ("withheld", "Held back", (State.WITHHELD,)),
    ("failed", "Failed", (State.FAILED,)),
    ("unknown", "Not known", (State.UNKNOWN,)),
    ("other", "Too late or cancelled", (State.EXPIRED, State.CANCELLED)),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; empty means all."""

    state: str = ""
    channel: str = ""
    kind: str = ""
    day: date | None = None
    run: str = ""

    @classmethod
    def read(cls, given: Any) -> "Filters":
        """From a query string; what is not one of ours is left out."""
        day = given.get("day", "")
        try:
            when = date.fromisoformat(day) if day else None
        except ValueError:
            when = None
        return cls(
            state=given.get("state", "") if given.get("state", "") in {t[0] for t in TABS} else "",
            channel=given.get("channel", "") if given.get("channel", "") in Channel.values else "",
            kind=given.get("kind", "") if given.get("kind", "") in merge_fields.KINDS else "",
            day=when,
            run=given.get("run", "")[:60],
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """Planned is the sum of what became of it, by construction of one GROUP BY (PRODUCT F39, D6)."""

    planned: int
    sent: int
    withheld: int
    failed: int
    expired: int
    cancelled: int
    unknown: int
    waiting: int

    @property
    def adds_up(self) -> bool:
        """Planned = sent + held back + failed + too late + cancelled + not known + still waiting."""
        parts = (self.sent, self.withheld, self.failed, self.expired, self.cancelled, self.unknown, self.waiting)
        return self.planned == sum(parts)


def zone() -> str:
    """The calendar of the outbox: ours."""
    return Firm.objects.values_list("time_zone", flat=True).first() or "America/Chicago"


def filtered(user: Any, filters: Filters, *, with_state: bool = True) -> QuerySet[Message]:
    """The messages this user may see, narrowed; days on our calendar."""
    rows = Message.objects.visible_to(user)
    if with_state and filters.state:
        rows = rows.filter(state__in=next(t[2] for t in TABS if t[0] == filters.state))
    if filters.channel:
        rows = rows.filter(channel=filters.channel)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.run:
        rows = rows.filter(run=filters.run)
    if filters.day is not None:
        start = datetime.combine(filters.day, time(0), tzinfo=ZoneInfo(zone()))
        rows = rows.filter(planned_at__gte=start, planned_at__lt=start + timedelta(days=1))
    return rows


def outbox(*, user: Any, filters: Filters, cursor: str = "", back: bool = False) -> keyset.Page:
    """The newest plans first, by key."""
    rows = filtered(user, filters).select_related("debtor", "account", "template")
    return keyset.paginate(rows, order=["-planned_at", "-id"], cursor=cursor, back=back)


def proof(*, user: Any, filters: Filters) -> Proof:
    """Counts of a day or a run, whatever state is looked at."""
    by_state = dict(filtered(user, filters, with_state=False).values_list("state").annotate(n=Count("pk")))
    return Proof(
        planned=sum(by_state.values()),
        sent=sum(by_state.get(s, 0) for s in ARRIVED),
        withheld=by_state.get(State.WITHHELD, 0),
        failed=by_state.get(State.FAILED, 0),
        expired=by_state.get(State.EXPIRED, 0),
        cancelled=by_state.get(State.CANCELLED, 0),
        unknown=by_state.get(State.UNKNOWN, 0),
        waiting=sum(by_state.get(s, 0) for s in OPEN),
    )


def message(*, user: Any, pk: int) -> QuerySet[Message]:
    """One message this user may see, for get_object_or_404."""
    related = ("debtor", "account__portfolio__owner", "template", "version", "contact_point", "document", "planned_by")
    return Message.objects.visible_to(user).filter(pk=pk).select_related(*related)


def verdict(row: Message) -> VerdictRecord | None:
    """The last answer of compliance about this message."""
    if row.verdict_id is None:
        return None
    return VerdictRecord.objects.filter(pk=row.verdict_id, debtor_id=row.debtor_id).first()


def look(state: str) -> dict[str, str]:
    """A state as the pill of a page."""
    glyphs = {"ok": "ok", "stop": "alert", "hold": "pause", "info": "clock", "plain": "note"}
    return {"label": State(state).label, "kind": COLOURS[State(state)], "glyph": glyphs[COLOURS[State(state)]]}


def fake_outbox(*, user: Any, kind: str) -> list[dict[str, Any]]:
    """What lies in a local fake's folder and is about people this user may see, newest first."""
    found = channels.fake_outbox(kind)
    ids = {int(row["key"].partition(":")[2]) for row in found if row["key"].startswith("message:")}
    mine = Message.objects.visible_to(user).in_bulk(ids)
    kept = []
    for row in found:
        about = mine.get(int(row["key"].partition(":")[2] or 0)) if row["key"].startswith("message:") else None
        if about is not None:
            kept.append(row | {"message": about})
    return kept


@dataclass(frozen=True, slots=True)
class Family:
    """One letter in its channels: templates of one kind and name."""

    name: str
    kind: str
    templates: tuple[Template, ...]


def families() -> list[Family]:
    """All templates, those of one name together, with the newest and the live number of each."""
    rows = Template.objects.annotate(
        newest=Max("versions__number"),
        live=Max("versions__number", filter=Q(versions__state=TemplateVersion.State.LIVE)),
        live_from=Max("versions__live_from", filter=Q(versions__state=TemplateVersion.State.LIVE)),
    )
    order = [Channel.POST.value, Channel.EMAIL.value, Channel.SMS.value]
    groups: dict[tuple[str, str], list[Template]] = {}
    for row in rows:
        groups.setdefault((row.name, row.kind), []).append(row)
    return [
        Family(name, kinds.label(kind), tuple(sorted(found, key=lambda t: order.index(t.channel))))
        for (name, kind), found in sorted(groups.items())
    ]


def siblings(template: Template) -> list[Template]:
    """The same letter in its other channels, this one among them."""
    order = [Channel.POST.value, Channel.EMAIL.value, Channel.SMS.value]
    rows = Template.objects.filter(name=template.name, kind=template.kind)
    return sorted(rows, key=lambda t: order.index(t.channel))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison: same, added or removed."""

    how: str
    text: str


def compare(old: TemplateVersion, new: TemplateVersion) -> list[Line]:
    """What changed between two versions, line by line."""
    before = [old.subject, *old.body.splitlines()]
    after = [new.subject, *new.body.splitlines()]
    names = {"  ": "same", "+ ": "added", "- ": "removed"}
    return [Line(names[d[:2]], d[2:]) for d in difflib.ndiff(before, after) if d[:2] in names]


def sent_since(version: TemplateVersion) -> int:
    """How many messages carried this version."""
    return version.messages.filter(state__in=ARRIVED).count()
