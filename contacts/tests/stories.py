"""What the stories of this app share: Dana's debts, her number, a script in use."""

from datetime import datetime
from typing import Any

from accounts.models import Account, ContactPoint, Debtor
from contacts import services
from contacts.models import Disposition, Interaction, Script, ScriptVersion
from users.models import User

STEPS: list[dict[str, Any]] = [
    {"key": "greeting", "title": "Greeting", "say": {"en": "Hello, may I speak with {{ person.name }}?"}},
    {"key": "identity", "title": "Identity", "facts_required": ["two"], "say": {"en": "What is your ZIP code?"}},
    {
        "key": "disclosure",
        "title": "Disclosure",
        "must_read": True,
        "records": "initial_disclosure",
        "say": {"en": "{{ legal.initial_disclosure }}"},
    },
    {"key": "reason", "title": "The debt", "say": {"en": "The balance is {{ debt.balance }}."}},
]


def mobile(debtor: Debtor) -> ContactPoint:
    return debtor.contact_points.get(kind="PHONE")


def script(*, at: datetime) -> ScriptVersion:
    made, _ = Script.objects.get_or_create(slug="first-call", defaults={"name": "First call"})
    return ScriptVersion.objects.create(script=made, number=1, steps=STEPS, state="LIVE", live_from=at, created_at=at)


def dial(account: Account, *, by: User, at: datetime, version: ScriptVersion | None = None) -> Interaction:
    return services.start_call(
        debtor=account.debtor, point=mobile(account.debtor), accounts=[account], by=by, at=at, script=version
    )


def talk(account: Account, *, by: User, at: datetime) -> Interaction:
    """A call on which the person is checked and the disclosure is read."""
    call = dial(account, by=by, at=at)
    services.verify(call=call, facts=["address", "birth_date"], by=by, at=at)
    return services.step_done(call=call, step="disclosure", by=by, at=at)


def outcome(code: str) -> Disposition:
    return Disposition.objects.get(code=code)
