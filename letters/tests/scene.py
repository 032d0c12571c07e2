"""A person who may be written to: noticed, with consents, and templates in use."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Account, Debtor
from collections_crm import testing as make
from collections_crm.demo import content
from compliance import services as compliance
from letters import services, subjects
from letters.models import Message, Template
from letters.subjects import Day, Money, Subject


def templates(at: datetime = make.NOON) -> None:
    content.ship(at=at)


def noticed(person: Debtor, account: Account, *, at: datetime = make.NOON) -> None:
    """The validation notice went out four days after placement; its period is over."""
    sent = at - timedelta(days=40)
    compliance.record_contact(
        debtor=person, accounts=[account], kind="validation_notice", at=sent, outcome="sent",
        facts={"id": f"notice-{account.pk}", "via": "letter"},
    )  # fmt: skip


def consents(person: Debtor, account: Account, *, at: datetime = make.NOON) -> None:
    """Agreed to texts and e-mails at every number and address we have, ten days ago."""
    for point in person.contact_points.all():
        for scope in {"PHONE": ("sms", "tcpa"), "EMAIL": ("email",)}.get(point.kind, ()):
            compliance.record_consent(
                debtor=person, accounts=[account], scope=scope, at=at - timedelta(days=10), point=point, written=True
            )


def reachable(person: Debtor, account: Account) -> None:
    templates()
    noticed(person, account)
    consents(person, account)


def promise(amount: str = "120.00") -> None:
    """Reminders about promises say this amount, whatever the promise."""
    from datetime import date
    from decimal import Decimal

    values = {"promise": {"amount": Money(Decimal(amount), "USD"), "due_date": Day(date(2026, 11, 19), True)}}
    subjects.register("payments.promise", lambda ids, at: {pk: Subject(values=values) for pk in ids})


def reminder(account: Account, channel: str = "sms", key: str = "promise-reminder:1", **more: Any) -> Message:
    more.setdefault("subject", ("payments.promise", 1))
    found = services.queue(
        template_slug="promise_reminder", account=account, channel=channel, kind="promise_reminder", key=key,
        at=more.pop("at", make.NOON), **more,
    )  # fmt: skip
    assert found is not None
    return found


def plain_letter() -> Template:
    """A letter that is about nothing but the debt, in use."""
    template, new = Template.objects.get_or_create(
        slug="about-your-debt-post", defaults={"name": "About your debt", "channel": "post", "kind": "general"}
    )
    if new:
        body = "Dear {{ person.name }},\n\nYou owe {{ debt.balance }}.\n\n---\n\n{{ legal.subsequent_disclosure }}"
        version = services.save_version(
            template=template, lang="en", subject="About your debt", body=body, note="", by=None, at=make.NOON
        )
        services.put_live(version=version, by=None, at=make.NOON)
    return template
