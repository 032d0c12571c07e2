"""The small facts around a person, read in one statement: hold, item, promises, plan, paid, draft, numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from contacts.models import Disposition, Script, ScriptVersion
from core import prepared
from strategies import counts
from users.models import User

_SQL = """SELECT
 (SELECT json_build_object('user_id', h.user_id, 'name', COALESCE(u.display_name, h.kind), 'until', h.expires_at,
    'queue', h.queue, 'position', h.position, 'size', h.size)
  FROM strategies_personhold h LEFT JOIN users_user u ON u.id = h.user_id
  WHERE h.debtor_id = %(debtor)s AND h.released_at IS NULL AND h.expires_at > %(at)s
    AND h.kind <> 'RESERVED'),
 (SELECT json_build_object('id', w.id, 'account', w.account_id, 'queue', w.queue, 'priority', w.priority,
    'reasons', w.reasons, 'next_step', w.next_step, 'due_at', w.due_at, 'flagged', w.wrong_priority_at IS NOT NULL)
  FROM strategies_workitem w
  WHERE w.debtor_id = %(debtor)s AND w.state = 'OPEN' AND w.portfolio_id = ANY(%(books)s)),
 (SELECT COALESCE(json_agg(json_build_object('id', i.id, 'kind', i.kind, 'last4', i.last4) ORDER BY i.created_at), '[]')
  FROM accounts_identifier i WHERE i.debtor_id = %(debtor)s),
 (SELECT COALESCE(json_agg(p), '[]') FROM (
    SELECT r.id, r.account_id, r.amount::text, r.currency, r.due_date, r.state, r.paid::text, r.method
    FROM payments_promise r
    WHERE r.debtor_id = %(debtor)s AND r.account_id = ANY(%(accounts)s) ORDER BY r.made_at DESC LIMIT 10) p),
 (SELECT json_build_object('id', n.id, 'state', n.state, 'amount', n.amount::text, 'every', n.every, 'next', (
    SELECT t.due_date FROM payments_installment t WHERE t.plan_id = n.id AND t.state NOT IN ('PAID', 'CANCELLED')
    ORDER BY t.number LIMIT 1), 'due', (
    SELECT t.amount::text FROM payments_installment t WHERE t.plan_id = n.id AND t.state NOT IN ('PAID', 'CANCELLED')
    ORDER BY t.number LIMIT 1))
  FROM payments_plan n
  WHERE n.debtor_id = %(debtor)s AND n.state IN ('ACTIVE', 'SLIPPING') AND n.account_id = ANY(%(accounts)s)),
 (SELECT COALESCE(json_object_agg(s.account_id, json_build_array(s.total, s.n)), '{}') FROM (
    SELECT y.account_id, sum(y.amount)::text AS total, count(*) AS n FROM payments_payment y
    WHERE y.debtor_id = %(debtor)s AND y.account_id = ANY(%(accounts)s) AND y.state = 'POSTED' GROUP BY 1) s),
 (SELECT d.text FROM contacts_draft d WHERE d.debtor_id = %(debtor)s AND d.user_id = %(user)s),
 (SELECT json_build_object('name', f.name, 'phone', f.phone, 'hours', f.hours)
  FROM accounts_firm f ORDER BY f.id LIMIT 1),
 (SELECT COALESCE(json_agg(json_build_object('id', x.id, 'account', x.account_id, 'due', x.due_on)), '[]')
  FROM contacts_dispute x
  WHERE x.debtor_id = %(debtor)s AND x.state = 'OPEN' AND x.account_id = ANY(%(accounts)s)),
 (SELECT COALESCE(json_agg(o ORDER BY o."group", o.position, o.code), '[]')
  FROM contacts_disposition o WHERE o.active AND o."group" <> 'OTHER'),
 (SELECT COALESCE(json_agg(json_build_object('id', v.id, 'number', v.number, 'steps', v.steps, 'script', s)
    ORDER BY s.slug), '[]')
  FROM contacts_scriptversion v JOIN contacts_script s ON s.id = v.script_id
  WHERE v.state = 'LIVE' AND s.active),
 EXISTS (SELECT 1 FROM contacts_interaction c WHERE c.debtor_id = %(debtor)s AND c.kind = 'CALL' AND c.state = 'OPEN'),
 EXISTS (SELECT 1 FROM compliance_hold l WHERE l.debtor_id = %(debtor)s AND l.lifted_at IS NULL),
 EXISTS (SELECT 1 FROM accounts_accountparty q WHERE q.debtor_id = %(debtor)s AND q.role <> 'PRIMARY')
  OR EXISTS (SELECT 1 FROM accounts_accountparty q WHERE q.account_id = ANY(%(accounts)s) AND q.role <> 'PRIMARY'),
 (SELECT COALESCE(json_agg(json_build_object('channel', r.channel, 'at', r.received_at,
    'words', e.facts->>'words') ORDER BY r.received_at), '[]')
  FROM contacts_reply r JOIN compliance_contactevent e ON e.id = r.event_id AND e.at = r.received_at
  WHERE r.debtor_id = %(debtor)s AND r.state = 'OPEN')"""
_TYPES = {"debtor": "bigint", "accounts": "bigint[]", "books": "bigint[]", "user": "bigint", "at": "timestamptz"}


@dataclass(frozen=True, slots=True)
class Made:
    """A promise as the screen needs it; amounts in `currency`."""

    id: int
    account_id: int
    amount: Decimal
    currency: str
    due_date: date
    state: str
    paid: Decimal
    method: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """A text or an e-mail that waits for an answer."""

    channel: str
    at: datetime
    words: str

    @property
    def kind(self) -> str:
        return "Text" if self.channel == "sms" else "E-mail"


@dataclass(frozen=True, slots=True)
class InHand:
    """Who has the person in hand, and until when; her place in the queue (`size` 0: not known)."""

    user_id: int | None
    name: str
    until: datetime
    queue: str
    position: int
    size: int

    @property
    def done(self) -> int:
        """How many of the queue are behind her."""
        return self.position - 1

    @property
    def size_words(self) -> str:
        """`42`, or `999+` for more than that."""
        return counts.words(self.size)


@dataclass(frozen=True, slots=True)
class Details:
    """Everything small that hangs on a person."""

    in_hand: InHand | None = None
    item: dict[str, Any] | None = None
    identifiers: list[dict[str, Any]] = field(default_factory=list)
    promises: list[Made] = field(default_factory=list)
    plan: dict[str, Any] | None = None
    paid: dict[int, tuple[Decimal, int]] = field(default_factory=dict)
    draft: str = ""
    firm: dict[str, str] = field(default_factory=dict)
    disputes: dict[int, dict[str, Any]] = field(default_factory=dict)
    outcomes: list[Disposition] = field(default_factory=list)
    scripts: list[ScriptVersion] = field(default_factory=list)
    has_call: bool = False  # an open call, a hold, others on a debt: worth reading, most people have none
    has_holds: bool = False
    has_roles: bool = False
    replies: list[Wrote] = field(default_factory=list)

    @property
    def missed(self) -> Made | None:
        """The newest promise, if it was missed."""
        newest = self.promises[0] if self.promises else None
        return newest if newest is not None and newest.state in ("BROKEN", "PART_KEPT") else None

    @property
    def promised(self) -> Made | None:
        """The open promise, if there is one."""
        return next((row for row in self.promises if row.state == "OPEN"), None)


def read(*, debtor_id: int, accounts: list[int], books: list[int], user: User, at: datetime) -> Details:
    """One statement, whatever the length of the history. Only of these debts and portfolios."""
    values: dict[str, Any] = {"debtor": debtor_id, "accounts": accounts, "books": books, "user": user.pk, "at": at}
    found = prepared.one(_SQL, values, _TYPES)
    assert found is not None
    hold, item, numbers, promises, plan, paid, draft, firm, disputes, codes, scripts, *there = found
    return Details(
        in_hand=InHand(**{**hold, "until": datetime.fromisoformat(hold["until"])}) if hold else None,
        item=item,
        identifiers=numbers,
        promises=[_made(row) for row in promises],
        plan=plan and {**plan, "amount": Decimal(plan["amount"]), "next": _day(plan["next"])},
        paid={int(key): (Decimal(total), count) for key, (total, count) in paid.items()},
        draft=draft or "",
        firm=firm or {},
        disputes={row["account"]: {**row, "due": _day(row["due"])} for row in disputes},
        outcomes=[Disposition(**row) for row in codes],
        scripts=[_version(row) for row in scripts],
        has_call=there[0],
        has_holds=there[1],
        has_roles=there[2],
        replies=[Wrote(row["channel"], datetime.fromisoformat(row["at"]), row["words"] or "") for row in there[3]],
    )


def _version(row: dict[str, Any]) -> ScriptVersion:
    live = ScriptVersion.State.LIVE
    return ScriptVersion(
        id=row["id"], number=row["number"], steps=row["steps"], state=live, script=Script(**row["script"])
    )


def _made(row: dict[str, Any]) -> Made:
    return Made(
        id=row["id"],
        account_id=row["account_id"],
        amount=Decimal(row["amount"]),
        currency=row["currency"],
        due_date=date.fromisoformat(row["due_date"]),
        state=row["state"],
        paid=Decimal(row["paid"]),
        method=row["method"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
