"""The timeline of a person: calls, messages, money, notes, holds, merged newest first (F25)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from compliance.models import Hold
from contacts.models import Dispute
from core import formats, keyset, prepared
from payments.models import Method, Plan
from payments.states import PlanState, PromiseState

from . import timeline_sql
from .lines import lines

SIZE = 20
HIDDEN = "$••••"
_MONEY = re.compile(r"\$\s?\d[\d,]*(?:\.\d\d)?")
_CHANNEL = {"post": ("letter", "Letter"), "email": ("mail", "E-mail"), "sms": ("text", "Text")}
_SENT = {
    "QUEUED": "will be sent", "SENDING": "is being sent", "SENT": "sent", "DELIVERED": "delivered",
    "RETURNED": "came back", "FAILED": "could not be sent", "WITHHELD": "held back", "EXPIRED": "was not sent in time",
    "CANCELLED": "cancelled", "UNKNOWN": "may have been sent",
}  # fmt: skip
_CONSENT = {
    "consent": "Agreed to", "revoke": "Took back consent to", "opt_out": "Opted out of", "opt_in": "Opted in to",
    "cease": "Asked us to stop", "verification_sent": "Verification mailed", "undeliverable": "Could not be delivered",
    "third_party_disclosure": "Somebody else learned of it",
}  # fmt: skip
_MEDIA = {"call": "calls", "sms": "texts", "email": "e-mail", "letter": "letters", "ecomm": "electronic papers",
          "tcpa": "calls by machine", "all_electronic": "e-mail and texts"}  # fmt: skip
_STATUS = {"CLOSED": "Debt closed", "RECALLED": "Debt recalled", "SETTLED": "Debt settled", "PAID": "Debt paid"}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline, ready to show. `id` is stable; `corrects` and `note` are for linked notes."""

    id: str
    when: datetime
    shown: str
    icon: str
    event: str
    words: str = ""
    kind: str = ""
    quote: str = ""
    detail: str = ""
    url: str = ""
    url_label: str = ""
    actor: str = ""
    note_id: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of events, the cursor of older ones, and how many of each kind (newest hundred; "99+")."""

    events: list[Event]
    next: str = ""
    tallies: dict[str, str] = field(default_factory=dict)
    lines: SafeString = SafeString()


@dataclass(frozen=True, slots=True)
class _Row:
    at: datetime
    source: str
    id: str
    tab: str
    code: str
    words: str
    amount: Decimal | None
    currency: str
    ref: int | None
    actor: str
    extra: dict[str, Any]


def timeline(
    *,
    debtor_id: int,
    accounts: Sequence[int],
    zone: str,
    at: datetime,
    tab: str = "",
    before: str = "",
    limit: int = SIZE,
    masked: bool = False,
    names: dict[int, str] | None = None,
    may_fix: bool = False,
) -> Timeline:
    """Events about a person and these debts, newest first; one statement whatever the length of the history.

    `tab` is one of timeline_sql.TABS ("told": what did we tell the person), `before` a cursor. `masked` leaves
    every amount out. Moments on the clock of `zone`, `names` are the debts' creditors; `may_fix`: notes may be
    corrected.
    """
    values = keyset.decode(before, 3) if before else None
    tab = tab if tab in timeline_sql.TABS else ""
    first = values is None and not tab
    parameters = {
        "debtor": debtor_id, "accounts": list(accounts), "limit": limit + 1, "most": timeline_sql.MOST,
        "before": values[0] if values else None, "source": values[1] if values else "",
        "id": values[2] if values else "",
    }  # fmt: skip
    found = prepared.rows(timeline_sql.page(tab, tallies=first), parameters, timeline_sql.TYPES)
    rows = [_Row(*row) for row in found]
    tallies = {row.tab: row.id if int(row.id) < timeline_sql.MOST else "99+" for row in rows if row.source == "tally"}
    rows = [row for row in rows if row.source != "tally"]
    more, rows = len(rows) > limit, rows[:limit]
    teller = _Teller(zone, at, masked, names or {})
    cursor_next = keyset.encode([rows[-1].at, rows[-1].source, rows[-1].id]) if more else ""
    events = [teller.tell(row) for row in rows]
    return Timeline(events, cursor_next, tallies, lines(events, ref=f"P-{debtor_id}", may_fix=may_fix))


def hide(text: str) -> str:
    """The text without its amounts: before the identity check no money is on the page."""
    return _MONEY.sub(HIDDEN, text)


def day_words(moment: datetime, zone: str, at: datetime) -> str:
    """`9:40 AM` today on that clock, else `Nov 16`."""
    here, now = moment.astimezone(ZoneInfo(zone)), at.astimezone(ZoneInfo(zone))
    return formats.clock_time(here) if here.date() == now.date() else formats.short_day(here, now.date())


@dataclass(frozen=True, slots=True)
class _Teller:
    zone: str
    at: datetime
    masked: bool
    names: dict[int, str]

    def tell(self, row: _Row) -> Event:
        told: dict[str, Any] = _TELL[row.source](self, row)
        if self.masked:
            told = {name: hide(text) if isinstance(text, str) else text for name, text in told.items()}
        return Event(
            id=f"{row.source}-{row.id}",
            when=row.at,
            shown=day_words(row.at, self.zone, self.at),
            actor=_short(row.actor),
            **told,
        )

    def money(self, row: _Row) -> str:
        return HIDDEN if self.masked else formats.money(row.amount, row.currency)

    def day(self, text: str | None) -> str:
        today = self.at.astimezone(ZoneInfo(self.zone)).date()
        return formats.short_day(date.fromisoformat(text), today) if text else ""

    def debt(self, row: _Row) -> str:
        return self.names.get(row.ref or 0, "")

    def call(self, row: _Row) -> dict[str, Any]:
        extra = row.extra
        number = formats.phone(extra["to"])
        if extra["open"]:
            return {"icon": "phone", "kind": "ok", "event": "Call, on now.", "words": number}
        way = "Called us" if extra["in"] else "Called"
        words = f"{way}{' from' if extra['in'] else ''} {number}." if number else f"{way}."
        read = "Identity checked." if extra["verified"] else ""
        return {
            "icon": "phone", "event": f"{row.words or 'Call'}.", "words": words, "quote": extra["note"],
            "detail": read, "note_id": int(row.id),
        }  # fmt: skip

    def note(self, row: _Row) -> dict[str, Any]:
        title = "Correction." if row.ref else "Message." if row.code == "MESSAGE" else "Note."
        link = {"url": f"#call-{row.ref}", "url_label": "to this"} if row.ref else {}
        return {"icon": "note", "event": title, "words": row.words, "note_id": int(row.id), **link}

    def message(self, row: _Row) -> dict[str, Any]:
        icon, label = _CHANNEL.get(row.extra["channel"].lower(), ("mail", "Message"))
        kind = {"WITHHELD": "hold", "FAILED": "stop", "RETURNED": "stop"}.get(row.code, "")
        return {
            "icon": icon, "kind": kind, "event": f"{label} {_SENT.get(row.code, '')}.", "words": f"{row.words}.",
            "detail": row.extra["reason"],
        }  # fmt: skip

    def reply(self, row: _Row) -> dict[str, Any]:
        icon, label = _CHANNEL.get(row.code, ("mail", "Message"))
        return {"icon": icon, "event": f"{label} received.", "quote": row.words}

    def payment(self, row: _Row) -> dict[str, Any]:
        to = f" to {self.debt(row)}" if self.debt(row) else ""
        return {
            "icon": "money", "kind": "ok", "event": f"Payment {self.money(row)}",
            "words": f"{to.strip()} by {_method(row.words)}.".strip(),
        }  # fmt: skip

    def returned(self, row: _Row) -> dict[str, Any]:
        return {
            "icon": "alert", "kind": "stop", "event": f"Payment {self.money(row)} came back.",
            "words": f"{row.words} ({row.code})." if row.words else "",
        }  # fmt: skip

    def promise(self, row: _Row) -> dict[str, Any]:
        due = self.day(row.extra["due"])
        return {
            "icon": "hand", "event": f"Promise: {self.money(row)} by {due}.",
            "words": f"On {self.debt(row)}." if self.debt(row) else "",
        }  # fmt: skip

    def judged(self, row: _Row) -> dict[str, Any]:
        label = PromiseState(row.code).label.lower()
        missed = row.code in (PromiseState.BROKEN, PromiseState.PART_KEPT)
        words = f"{self.money(row)} due {self.day(row.extra['due'])}"
        return {
            "icon": "alert" if missed else "ok", "kind": "stop" if missed else "ok",
            "event": f"Promise {label}.", "words": f"{words} did not arrive." if row.code == "BROKEN" else f"{words}.",
        }  # fmt: skip

    def plan(self, row: _Row) -> dict[str, Any]:
        words = f"{row.extra['count']} payments of {self.money(row)}, {Plan.Every(row.code).label.lower()},"
        return {
            "icon": "cal", "kind": "ok", "event": "Plan agreed.",
            "words": f"{words} from {self.day(row.extra['first'])}.",
            "url": f"/arrangements/A-{row.ref}/", "url_label": f"A-{row.ref}",
        }  # fmt: skip

    def plan_end(self, row: _Row) -> dict[str, Any]:
        return {"icon": "cal", "event": f"Plan {PlanState(row.code).label.lower()}.", "words": row.words}

    def dispute(self, row: _Row) -> dict[str, Any]:
        how = "in writing" if row.extra["written"] else "by phone"
        return {
            "icon": "flag", "kind": "hold", "event": f"Dispute, {how}.", "quote": row.words,
            "words": f"{Dispute.Reason(row.code).label}. Collection paused.",
            "url": f"/disputes/D-{row.ref}/", "url_label": f"D-{row.ref}",
        }  # fmt: skip

    def dispute_end(self, row: _Row) -> dict[str, Any]:
        return {
            "icon": "flag", "kind": "ok", "event": f"Dispute {Dispute.State(row.code).label.lower()}.",
            "words": row.words,
            "url": f"/disputes/D-{row.ref}/", "url_label": f"D-{row.ref}",
        }  # fmt: skip

    def hold(self, row: _Row) -> dict[str, Any]:
        about = f" For {self.debt(row)}." if self.debt(row) else ""
        return {
            "icon": "stop", "kind": "stop", "event": f"{Hold.Kind(row.code).label}.",
            "words": f"{row.words}{about}".strip(),
        }  # fmt: skip

    def hold_end(self, row: _Row) -> dict[str, Any]:
        return {"icon": "ok", "event": f"{Hold.Kind(row.code).label}: ended.", "words": self.debt(row)}

    def happened(self, row: _Row) -> dict[str, Any]:
        medium = _MEDIA.get(row.words, "")
        return {"icon": "shield", "event": f"{_CONSENT.get(row.code, row.code)} {medium}".strip() + "."}

    def status(self, row: _Row) -> dict[str, Any]:
        return {
            "icon": "flag",
            "event": f"{_STATUS.get(row.code, row.code)}.",
            "words": f"{self.debt(row)} {row.words}",
        }


_TELL = {
    "call": _Teller.call, "note": _Teller.note, "message": _Teller.message, "reply": _Teller.reply,
    "payment": _Teller.payment, "return": _Teller.returned, "promise": _Teller.promise, "judged": _Teller.judged,
    "plan": _Teller.plan, "plan-end": _Teller.plan_end, "dispute": _Teller.dispute, "dispute-end": _Teller.dispute_end,
    "hold": _Teller.hold, "hold-end": _Teller.hold_end, "event": _Teller.happened, "status": _Teller.status,
}  # fmt: skip


def _method(code: str) -> str:
    return str(Method(code).label).lower() if code in Method.values else "payment"


def _short(name: str | None) -> str:
    words = (name or "").split()
    return f"{words[0]} {words[-1][0]}." if len(words) > 1 else (name or "System")
