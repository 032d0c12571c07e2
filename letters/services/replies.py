"""What somebody writes back: STOP is obeyed at once and confirmed once, START and HELP are answered, the rest is kept
in the history of the person and waits for somebody to answer (contacts.Reply)."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.models import Account, ContactPoint
from accounts.states import OPEN
from compliance import services as compliance
from compliance.models import ContactEvent
from contacts import services as contacts
from core.text import normalise_email, normalise_phone
from letters.models import Message, ProviderEvent
from letters.states import EventState

from .queueing import queue

# Words of 47 CFR 64.1200(a)(10) and of the carriers, and their Spanish ones.
STOP = frozenset({
    "STOP", "STOPALL", "QUIT", "END", "REVOKE", "OPT OUT", "OPTOUT", "CANCEL", "UNSUBSCRIBE", "ALTO", "PARAR", "BASTA",
    "CANCELAR",
})  # fmt: skip
START = frozenset({"START", "UNSTOP"})
HELP = frozenset({"HELP", "INFO", "AYUDA"})
FIRST = frozenset({"STOP", "UNSUBSCRIBE", "ALTO"})  # also when more follows: "Stop texting me"
CONFIRM_WITHIN = timedelta(minutes=5)  # 47 CFR 64.1200(a)(12)
HELP_WITHIN = timedelta(hours=1)
_NOT_WORD = re.compile(r"[^\w ]+")


def command(text: str) -> str:
    """What a reply asks for: STOP, START, HELP, or "" when a person has to read it. Only its first line counts."""
    line = next((line for line in text.strip().splitlines() if line.strip()), "")
    words = " ".join(_NOT_WORD.sub(" ", line.upper()).split())
    for name, known in (("STOP", STOP), ("START", START), ("HELP", HELP)):
        if words in known:
            return name
    return "STOP" if words.split(" ")[0] in FIRST and len(words.split(" ")) <= 5 else ""


def heard(row: ProviderEvent, sender: str, text: str, at: datetime) -> tuple[EventState, str]:
    """Keep it with the person it is from and do what it asks. Everybody with that number or address is asked about
    by STOP; other words belong to the person we wrote to there last."""
    points = _points(row.channel, sender)
    if not points:
        return EventState.IGNORED, "Nobody we know has this number or address."
    asked = command(text)
    last = _last_written(row.channel, points)
    mine = [p for p in points if last is None or p.debtor_id == last.debtor_id] or points
    for point in points if asked == "STOP" else mine:
        compliance.lock(point.debtor)
        kept = _keep(row, point, text)
        if not asked or (asked == "HELP" and row.channel == "email"):
            contacts.receive_reply(
                debtor=point.debtor, channel=row.channel, key=f"{row.channel}:{row.pk}:{point.debtor_id}",
                event_id=kept.pk, received_at=row.occurred_at, at=at,
            )  # fmt: skip
        elif asked == "STOP":
            _stop(row, point, text, confirm=point.pk == mine[0].pk, at=at)
        elif asked == "START":
            _start(row, point)
        elif asked == "HELP" and row.channel == "sms":
            _answer(row, point, "help_answer", HELP_WITHIN, at)
    return EventState.DONE, {"STOP": "Opted out.", "START": "Opted in.", "HELP": "Answered."}.get(asked, "Kept.")


def _points(channel: str, sender: str) -> list[ContactPoint]:
    kind, value = ("PHONE", normalise_phone(sender)) if channel == "sms" else ("EMAIL", normalise_email(sender))
    if channel == "post" or value is None:
        return []
    rows = ContactPoint.objects.filter(kind=kind, value=value).select_related("debtor")
    return list(rows.order_by("debtor_id", "pk").distinct("debtor_id"))


def _last_written(channel: str, points: Sequence[ContactPoint]) -> Message | None:
    people = [p.debtor_id for p in points]
    rows = Message.objects.filter(debtor__in=people, channel=channel, contact_point__in=points, sent_at__isnull=False)
    return rows.order_by("-sent_at").first()


def _keep(row: ProviderEvent, point: ContactPoint, text: str) -> ContactEvent:
    return compliance.record_contact(
        debtor=point.debtor, accounts=(), kind=row.channel, at=row.occurred_at, direction="in", outcome="received",
        point=point, facts={"words": text[:2000]}, source=row,
    )  # fmt: skip


def _stop(row: ProviderEvent, point: ContactPoint, text: str, *, confirm: bool, at: datetime) -> None:
    if _is_out(row, point):
        return
    compliance.record_opt_out(
        debtor=point.debtor, medium=row.channel, at=row.occurred_at, point=point, words=text[:300]
    )
    if confirm and row.channel == "sms":
        _answer(row, point, "stop_confirmation", CONFIRM_WITHIN, at)


def _is_out(row: ProviderEvent, point: ContactPoint) -> bool:
    """Has this number or address refused already? Then a second STOP is kept, but not confirmed again."""
    events = ContactEvent.objects.filter(
        debtor=point.debtor, kind__in=["opt_out", "opt_in"], address=point.value, facts__medium=row.channel
    )
    last = events.order_by("-at", "-recorded_at").first()
    return last is not None and last.kind == "opt_out"


def _start(row: ProviderEvent, point: ContactPoint) -> None:
    compliance.record_contact(
        debtor=point.debtor, accounts=(), kind="opt_in", at=row.occurred_at, direction="in", point=point,
        facts={"medium": row.channel}, source=row,
    )  # fmt: skip


def _answer(row: ProviderEvent, point: ContactPoint, kind: str, within: timedelta, at: datetime) -> None:
    account = _about(row.channel, point)
    if account is not None:
        queue(
            template_slug=kind, account=account, channel="sms", kind=kind, key=f"{kind}:{row.pk}:{point.debtor_id}",
            at=at, point=point, expires_at=at + within,
        )  # fmt: skip


def _about(channel: str, point: ContactPoint) -> Account | None:
    """The debt we wrote about last, else her newest open one."""
    related = Account.objects.select_related("debtor", "portfolio__creditor")
    last = _last_written(channel, [point])
    if last is not None:
        return related.get(pk=last.account_id)
    return related.filter(debtor=point.debtor, status__in=OPEN).order_by("-pk").first()
