"""Call frequency of Regulation F: seven in seven days, and seven days after a conversation (12 CFR 1006.14(b))."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from compliance.rules import clock
from compliance.rules.context import Context
from compliance.rules.facts import CALLS, ELECTRONIC, Event
from compliance.rules.history import NOT_CONNECTED
from compliance.rules.registry import Hit, Rule, rule
from compliance.rules.words import ordinal, say_day

_WEEK = timedelta(days=7)
_LOOK_BACK = timedelta(days=9)


class Consents:
    """Call-back consents of one person about one particular debt (12 CFR 1006.14(b)(3)(i))."""

    __slots__ = ("consents", "conversations")

    def __init__(self, context: Context, group: str) -> None:
        self.consents: list[tuple[datetime, datetime, datetime]] = []
        self.conversations: list[datetime] = []
        given = [e for e in context.about_group("consent", group) if e.scope == "call" and e.at <= context.now]
        if not given:
            return
        revoked = [
            e.at
            for e in context.history.of("revoke")
            if e.medium == "call" and e.at <= context.now and context.is_with(e)
        ]
        self.conversations = conversations(context, group)
        for event in given:
            self.consents.append(_span(context, event, revoked))

    def live(self, moment: datetime, *, asked_now: bool = False) -> bool:
        """A consent covers a call at that moment; the conversation it allowed uses it up."""
        for given, start, end in self.consents:
            if start <= moment < end and not any(
                given < talk and (talk <= moment if asked_now else talk < moment) for talk in self.conversations
            ):
                return True
        return False

    def next_start(self, now: datetime) -> datetime | None:
        """When the next consent that is not used up begins, after now."""
        starts = [
            start
            for given, start, end in self.consents
            if now < start < end and not any(given < talk <= now for talk in self.conversations)
        ]
        return min(starts, default=None)


def _span(context: Context, event: Event, revoked: list[datetime]) -> tuple[datetime, datetime, datetime]:
    """Given, first and last instant (exclusive): seven local days with the day of consent as day one, or less."""
    start = max(event.at, event.valid_from) if event.valid_from else event.at
    end = min(clock.instant(where, event.at.astimezone(where).date() + _WEEK) for where in context.zones)
    if event.until is not None and event.until < end:
        end = event.until
    for moment in revoked:
        if event.at <= moment < end:
            end = moment
    return event.at, start, end


def conversations(context: Context, group: str, since: datetime | None = None) -> list[datetime]:
    """Telephone conversations with the person about that debt up to now, whoever called."""
    now = context.now
    return [
        e.at
        for e in context.about_group("call", group)
        if e.outcome == "conversation" and e.at <= now and (since is None or e.at > since)
    ]


def counted_calls(context: Context, group: str) -> list[datetime]:
    """Calls of the last days that count towards seven in seven for that debt, oldest first."""
    now = context.now
    since = now - _LOOK_BACK
    wrong = {p.e164 for p in context.place.phones if p.status == "wrong_number"}
    consents: Consents | None = None
    counted = []
    for kind in CALLS:
        for event in context.about_group(kind, group):
            if not since < event.at <= now or event.direction != "out" or event.outcome in NOT_CONNECTED:
                continue
            if event.to in wrong:
                continue
            if consents is None:
                consents = Consents(context, group)
            if not consents.consents or not consents.live(event.at):
                counted.append(event.at)
    counted.sort()
    return counted


def in_days(calls: list[datetime], where: ZoneInfo, today: date, days: int) -> list[datetime]:
    """Those that fall into the local calendar days today − (days − 1) … today of one zone."""
    start = clock.instant(where, today - timedelta(days=days - 1))
    return [at for at in calls if at >= start]


def window_frees(inside: list[datetime], limit: int, days: int, where: ZoneInfo) -> datetime:
    """The first local midnight at which a rolling window of `days` days holds fewer than `limit` of these."""
    leaves = sorted(inside)[len(inside) - limit]
    return clock.instant(where, leaves.astimezone(where).date() + timedelta(days=days))


def _groups(context: Context) -> dict[str, None]:
    return dict.fromkeys(debt.group for debt in context.debts)


@rule("REGF-1006.14-FREQ-7IN7", CALLS, regf=True)
def seven_in_seven(context: Context, r: Rule) -> Hit | None:
    limit, days = r.params["limit"], r.params["days"]
    worst: Hit | None = None
    for group in _groups(context):
        calls = counted_calls(context, group)
        if len(calls) < limit:
            continue
        frees: datetime | None = None
        used = 0
        for where, local in zip(context.zones, context.locals, strict=True):
            inside = in_days(calls, where, local.date(), days)
            if len(inside) >= limit:
                used = max(used, len(inside))
                free = window_frees(inside, limit, days, where)
                frees = free if frees is None or free > frees else frees
        if frees is None:
            continue
        consents = Consents(context, group)
        if consents.live(context.now, asked_now=True):
            continue
        start = consents.next_start(context.now)
        frees = start if start is not None and start < frees else frees
        if worst is None or worst.next is None or frees > worst.next:
            nth = ordinal(limit + 1) if used == limit else "next"
            words = {"used": used, "days": days, "until": say_day(context.today, context.today), "nth": nth}
            worst = Hit(frees, words)
    return worst


@rule("REGF-1006.14-FREQ-POSTCONV", CALLS, regf=True)
def after_conversation(context: Context, r: Rule) -> Hit | None:
    lock = timedelta(days=r.params["days"])
    since = context.now - _LOOK_BACK
    worst: Hit | None = None
    for group in _groups(context):
        talks = conversations(context, group, since)
        if not talks:
            continue
        last = max(talks)
        frees: datetime | None = None
        for where, local in zip(context.zones, context.locals, strict=True):
            day = last.astimezone(where).date() + lock
            if local.date() < day:
                free = clock.instant(where, day)
                frees = free if frees is None or free > frees else frees
        if frees is None:
            continue
        consents = Consents(context, group)
        if consents.live(context.now, asked_now=True):
            continue
        start = consents.next_start(context.now)
        frees = start if start is not None and start < frees else frees
        if worst is None or worst.next is None or frees > worst.next:
            worst = Hit(frees, {"talk": say_day(context.day_of(last), context.today), "days": r.params["days"]})
    return worst


@rule("POLICY-ELECTRONIC-PER-WEEK", ELECTRONIC, scope="all")
def electronic_per_week(context: Context, r: Rule) -> Hit | None:
    """A house number; the law has a standard here, no count (12 CFR 1006.14(a))."""
    limits = [n for n in (context.facts.policy.max_electronic_per_week, r.params.get("limit")) if n is not None]
    limit = min(limits, default=None)
    if limit is None or context.action.purpose == "opt_out_confirmation":
        return None
    sent = sent_by(context, ELECTRONIC)
    inside = in_days(sent, context.home, context.today, 7)
    if len(inside) < max(limit, 1):
        return None
    if limit <= 0:
        return Hit(None, {"used": len(inside)})
    return Hit(window_frees(inside, limit, 7, context.home), {"used": len(inside)})


def sent_by(context: Context, kinds: frozenset[str], debt_id: str = "") -> list[datetime]:
    """Outbound events of those kinds to the person up to now, unconnected calls left out."""
    now = context.now
    debt = next((d for d in context.debts if d.id == debt_id), None)
    return [
        e.at
        for kind in kinds
        for e in context.about(kind, debt)
        if e.direction == "out" and e.at <= now and e.outcome not in NOT_CONNECTED
    ]
