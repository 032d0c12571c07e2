"""May these go, in the moment of sending: a group judged, overrides used up, every answer stored with its act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Debtor
from core import copying

from . import asking, overrides
from .asking import Answer, Request


@dataclass(frozen=True, slots=True)
class Act:
    """One thing about to be done: the question, and the row it is about (such as letters.message 12)."""

    request: Request
    act_type: str
    act_id: str


def lock_many(people: Sequence[int]) -> None:
    """Hold these people's rows, in the order of their ids, until the transaction ends: acts on one person happen
    one after another, and two groups never wait for each other crosswise."""
    rows = Debtor.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk")
    list(rows.values_list("pk", flat=True))


@transaction.atomic
def judge_acts(acts: Sequence[Act], at: datetime, *, occasion: str = "send", by: Any = None) -> list[Answer]:
    """`may_contact` for a group: the same answers, overrides and records with a bounded number of queries.

    Call it inside the transaction of the acts, with the people's rows locked (`lock_many`).
    """
    if not acts:
        return []
    answers = []
    for act, answer in zip(acts, asking.may_contact_many([a.request for a in acts], at), strict=True):
        verdict = overrides.apply(answer.verdict, request=act.request, at=at, occasion=occasion)
        answers.append(Answer(verdict, None, answer.facts, answer.account_ids))
    rows = [
        asking._record(a.request, said, at=at, occasion=occasion, by=by, act_type=a.act_type, act_id=a.act_id)
        for a, said in zip(acts, answers, strict=True)
    ]
    copying.copy_models(rows)
    return [Answer(a.verdict, row.pk, a.facts, a.account_ids) for a, row in zip(answers, rows, strict=True)]
