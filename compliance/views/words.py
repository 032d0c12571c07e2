"""Codes and stored facts in the words of the screens: what a decision rested on, what an audit entry says."""

from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.utils import timezone

from accounts.models import Portfolio
from compliance.forms import MEDIA, SCOPES
from compliance.models import Hold
from core import clock, formats

OCCASIONS = {
    "claim": "Offering work", "dial": "Dialing", "send": "Sending", "list": "A list", "look": "A look",
    "bulk": "A bulk action",
}  # fmt: skip
PURPOSES = {
    "collect": "Asking for the debt", "respond_to_consumer": "Answering the person",
    "validation_notice": "First notice", "location": "Finding the person", "leave_message": "Leaving a message",
    "opt_out_confirmation": "Confirming an opt-out", "postjudgment_remedy": "After a judgment",
}  # fmt: skip
CONSENT_KINDS = {
    "consent": "Consent", "revoke": "Consent withdrawn", "opt_in": "Opted in", "opt_out": "Opted out",
    "rnd_check": "Reassigned-number check", "creditor_email_notice": "Creditor's e-mail notice",
}  # fmt: skip
_COLLECTORS = dict(Portfolio.CollectorType.choices)
STATUS = {
    "attorney": "has an attorney", "bankruptcy": "bankruptcy", "deceased": "has died",
    "employer_prohibits": "the employer does not allow calls",
}  # fmt: skip
PRESUMPTIONS = {"enforce": "Kept like the law", "advise": "Warned of"}
LAWS = {"US": "United States", "UK": "United Kingdom", "EU": "European Union"}
NOTHING = "None"
SHOWN = 6  # facts of an audit entry on its line


def plain(code: object) -> str:
    """A code as words: `wrong_number` is wrong number, `NO_ADDRESS` no address."""
    return str(code).replace("_", " ").lower()


def named(table: dict[str, str], code: object) -> str:
    """The words of a code in one of these tables; a code of a newer kind as words."""
    return table.get(str(code), plain(code).capitalize())


def fact_lines(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """What a decision rested on, as pairs of a name and words; facts of a newer kind keep their own name."""
    known: dict[str, tuple[str, Any]] = {
        "debts": ("Debts", lambda rows: [f"L-{r['id']} ({plain(r['class'])}, {plain(r['status'])})" for r in rows]),
        "holds": ("Our pauses", lambda rows: [_hold(kind) for kind in rows]),
        "status": ("Known of the person", lambda rows: [STATUS.get(name, plain(name)) for name in rows]),
        "wishes": ("Wishes about time and place", lambda n: formats.number(n) if n else NOTHING),
        "phones": ("Numbers", _phones),
        "places": ("Where the person may be", lambda rows: [_place(row) for row in rows]),
        "events": ("Events in the history", formats.number),
        "last_event": ("Last of them", _moment),
        "persons": ("Others who might hear", lambda rows: [plain(row["role"]) for row in rows]),
        "collector": ("We collect as", lambda code: _COLLECTORS.get(code, plain(code))),
        "presumptions": ("Presumptions of the law", lambda code: PRESUMPTIONS.get(code, plain(code))),
        "jurisdiction": ("Law of", lambda code: LAWS.get(code, str(code))),
    }
    order = {name: place for place, name in enumerate(known)}
    lines = []
    for name in sorted(facts, key=lambda key: order.get(key, len(order))):
        label, say = known.get(name, (plain(name).capitalize(), str))
        value = facts[name]
        lines.append((label, NOTHING if value in (None, "", []) else _joined(say(value))))
    return lines


def scope(facts: dict[str, Any]) -> str:
    """What a consent or refusal is for: `tcpa` is Automatic calls and texts."""
    table = {**dict(MEDIA), **dict(SCOPES)} if facts.get("scope") else dict(MEDIA)
    return named(table, facts.get("scope") or facts.get("medium") or "")


def consent(kind: str, facts: dict[str, Any]) -> str:
    """A consent or refusal in one line: Consent: Texts, written."""
    words = "Asked us to stop" if kind == "cease" else named(CONSENT_KINDS, kind)
    what = scope(facts)
    return words + (f": {what}" if what else "") + (", written" if facts.get("written") else "")


def pack_words(packs: str) -> list[str]:
    """The packs as they were named in the decision, one a line: `us_federal@1.2ea1d395` is us federal, version 1."""
    return [
        plain(name.partition("@")[0]) + ", version " + name.partition("@")[2].partition(".")[0]
        for name in packs.split()
    ]


def audit_line(data: dict[str, Any]) -> str:
    """The facts of an audit entry on one line; empty ones are left out, a checksum keeps its first letters."""
    said = [(plain(key), _audited(value)) for key, value in list(data.items())[:SHOWN]]
    return "; ".join(f"{key} {words}" for key, words in said if words)


def about(subject_type: str, subject_id: str) -> str:
    """What an audit entry is about: `accounts.account 51` is Account 51."""
    if not subject_type:
        return ""
    try:
        name = str(apps.get_model(subject_type)._meta.verbose_name)
    except LookupError:
        name = plain(subject_type.rpartition(".")[2])
    return f"{name.capitalize()} {subject_id[:8] if len(subject_id) == 36 else subject_id}"


def _audited(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{plain(key)} {_audited(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_audited(inner) for inner in value)
    text = "" if value is None else str(value)
    if len(text) == 64 and text.isalnum():
        return text[:12] + "…"
    if len(text) > 10 and text[4:5] == "-":
        return _moment(text)
    return plain(text) if text.isupper() and text.replace("_", "").isalpha() and len(text) > 3 else text


def _hold(kind: str) -> str:
    return str(Hold.Kind(kind).label) if kind in Hold.Kind.values else plain(kind).capitalize()


def _phones(rows: list[dict[str, Any]]) -> list[str]:
    found = []
    for row in rows:
        zones = " or ".join(formats.zone_words(name) for name in row["tz"])
        found.append(", ".join(part for part in (plain(row["kind"]).capitalize(), zones, plain(row["status"])) if part))
    return found


def _place(row: dict[str, Any]) -> str:
    zones = " or ".join(formats.zone_words(name) for name in row["tz"])
    code = f"{row['state']} {row['zip3']}xx" if row["zip3"] else row["state"]
    return ", ".join(part for part in (code, zones) if part)


def _moment(text: str) -> str:
    try:
        at = timezone.localtime(datetime.fromisoformat(text))
    except ValueError:
        return text
    return f"{formats.day(at, _today(at))}, {formats.time_at(at, at.tzinfo or timezone.get_current_timezone())}"


def _today(at: datetime) -> date:
    return clock.now().astimezone(at.tzinfo).date()


def _joined(value: str | list[str]) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value)
