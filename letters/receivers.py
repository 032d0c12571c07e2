"""What letters hears of: a person's word in the contact history that asks for an answer on paper."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from compliance.models import ContactEvent
from core import clock

from .services import answering


@receiver(post_save, sender=ContactEvent, dispatch_uid="letters.answers")
def plan_the_answer(sender: Any, *, instance: ContactEvent, created: bool, **_: Any) -> None:
    """After commit; nothing hangs on it, the tick finds the same entry (services/answering.py)."""
    if created and instance.direction == "in" and instance.kind in answering.ANSWERS:
        transaction.on_commit(partial(_plan, instance), robust=True)


def _plan(event: ContactEvent) -> None:
    answering.plan_answers(at=clock.now(), events=[event])
