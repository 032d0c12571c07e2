"""One statement for everything that happened about a person, newest first. Each branch walks its own index."""

from __future__ import annotations

from functools import lru_cache

TABS = ("calls", "messages", "money", "notes", "compliance", "told")

_COLUMNS = "at, source, id, tab, code, words, amount, currency, ref, actor, extra"
_OURS = "(x.account_id IS NULL OR x.account_id = ANY(%(accounts)s))"
_CONSENTS = (
    "'consent', 'revoke', 'opt_out', 'opt_in', 'cease', 'verification_sent', 'undeliverable', 'third_party_disclosure'"
)

# source: (tabs, columns and table, column of the moment, condition)
BRANCHES: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    "call": (
        ("calls", "told"),
        """'calls', COALESCE(d.code, ''), COALESCE(d.label, ''), NULL::numeric, '', x.corrects_id, u.display_name,
        json_build_object('in', x.direction = 'in', 'open', x.state = 'OPEN', 'note', x.note, 'to', x.dialed,
            'verified', x.verified_at, 'read', x.steps_done, 'right', x.right_party)
        FROM contacts_interaction x LEFT JOIN contacts_disposition d ON d.code = x.disposition_id
        LEFT JOIN users_user u ON u.id = x.officer_id""",
        "x.started_at",
        f"x.debtor_id = %(debtor)s AND x.kind = 'CALL' AND {_OURS}",
    ),
    "note": (
        ("notes",),
        """'notes', x.kind, x.note, NULL, '', x.corrects_id, u.display_name, json_build_object('in', x.direction = 'in')
        FROM contacts_interaction x LEFT JOIN users_user u ON u.id = x.officer_id""",
        "x.started_at",
        f"x.debtor_id = %(debtor)s AND x.kind <> 'CALL' AND {_OURS}",
    ),
    "message": (
        ("messages", "told"),
        """'messages', x.state, t.name, NULL, '', x.id, COALESCE(u.display_name, ''),
        json_build_object('channel', x.channel, 'reason', x.reason, 'sent', x.sent_at, 'due', x.due_at)
        FROM letters_message x JOIN letters_template t ON t.id = x.template_id
        LEFT JOIN users_user u ON u.id = x.planned_by_id""",
        "x.planned_at",
        f"x.debtor_id = %(debtor)s AND {_OURS}",
    ),
    "reply": (
        ("messages",),
        """'messages', x.kind, COALESCE(x.facts->>'words', ''), NULL, '', NULL, '', '{}'::json
        FROM compliance_contactevent x""",
        "x.at",
        "x.debtor_id = %(debtor)s AND x.kind IN ('sms', 'email') AND x.direction = 'in' AND x.outcome = 'received'"
        " AND (x.account_ids = '{}' OR x.account_ids && %(accounts)s::bigint[])",
    ),
    "payment": (
        ("money",),
        """'money', x.state, x.method, x.amount, x.currency, x.account_id, COALESCE(u.display_name, ''),
        json_build_object('on', x.effective_date)
        FROM payments_payment x LEFT JOIN users_user u ON u.id = x.taken_by_id""",
        "x.received_at",
        f"x.debtor_id = %(debtor)s AND {_OURS}",
    ),
    "return": (
        ("money",),
        """'money', r.code, r.reason, x.amount, x.currency, x.account_id, COALESCE(u.display_name, ''), '{}'::json
        FROM payments_paymentreturn r JOIN payments_payment x ON x.id = r.payment_id
        LEFT JOIN users_user u ON u.id = r.recorded_by_id""",
        "r.recorded_at",
        f"x.debtor_id = %(debtor)s AND {_OURS}",
    ),
    "promise": (
        ("money",),
        """'money', 'MADE', x.method, x.amount, x.currency, x.account_id, COALESCE(u.display_name, ''),
        json_build_object('due', x.due_date)
        FROM payments_promise x LEFT JOIN users_user u ON u.id = x.made_by_id""",
        "x.made_at",
        f"x.debtor_id = %(debtor)s AND {_OURS}",
    ),
    "judged": (
        ("money",),
        """'money', x.state, x.method, x.amount, x.currency, x.account_id, '', json_build_object('due', x.due_date,
            'paid', x.paid::text) FROM payments_promise x""",
        "x.judged_at",
        f"x.debtor_id = %(debtor)s AND x.judged_at IS NOT NULL AND {_OURS}",
    ),
    "plan": (
        ("money",),
        """'money', x.every, '', x.amount, x.currency, x.id, COALESCE(u.display_name, ''),
        json_build_object('first', x.first_date, 'count', x.count)
        FROM payments_plan x LEFT JOIN users_user u ON u.id = x.agreed_by_id""",
        "x.agreed_at",
        f"x.debtor_id = %(debtor)s AND {_OURS}",
    ),
    "plan-end": (
        ("money",),
        "'money', x.state, x.end_reason, x.amount, x.currency, x.id, '', '{}'::json FROM payments_plan x",
        "x.ended_at",
        f"x.debtor_id = %(debtor)s AND x.ended_at IS NOT NULL AND {_OURS}",
    ),
    "dispute": (
        ("compliance",),
        """'compliance', x.reason, x.words, x.amount, '', x.id, COALESCE(u.display_name, ''),
        json_build_object('written', x.written, 'due', x.due_on)
        FROM contacts_dispute x LEFT JOIN users_user u ON u.id = x.opened_by_id""",
        "x.received_at",
        f"x.debtor_id = %(debtor)s AND {_OURS}",
    ),
    "dispute-end": (
        ("compliance", "told"),
        """'compliance', x.state, x.answer, NULL, '', x.id, COALESCE(u.display_name, ''), '{}'::json
        FROM contacts_dispute x LEFT JOIN users_user u ON u.id = x.answered_by_id""",
        "x.answered_at",
        f"x.debtor_id = %(debtor)s AND x.answered_at IS NOT NULL AND {_OURS}",
    ),
    "hold": (
        ("compliance",),
        """'compliance', x.kind, x.reason, NULL, '', x.account_id, COALESCE(u.display_name, ''), '{}'::json
        FROM compliance_hold x LEFT JOIN users_user u ON u.id = x.placed_by_id""",
        "x.since",
        f"x.debtor_id = %(debtor)s AND x.kind <> 'DISPUTE' AND {_OURS}",
    ),
    "hold-end": (
        ("compliance",),
        """'compliance', x.kind, x.reason, NULL, '', x.account_id, COALESCE(u.display_name, ''), '{}'::json
        FROM compliance_hold x LEFT JOIN users_user u ON u.id = x.lifted_by_id""",
        "x.lifted_at",
        f"x.debtor_id = %(debtor)s AND x.lifted_at IS NOT NULL AND x.kind <> 'DISPUTE' AND {_OURS}",
    ),
    "event": (
        ("compliance",),
        """'compliance', x.kind, COALESCE(x.facts->>'scope', x.facts->>'medium', ''), NULL, '', NULL,
        COALESCE(u.display_name, ''), x.facts::json
        FROM compliance_contactevent x LEFT JOIN users_user u ON u.id = x.by_id""",
        "x.at",
        f"x.debtor_id = %(debtor)s AND x.kind IN ({_CONSENTS})"
        " AND (x.account_ids = '{}' OR x.account_ids && %(accounts)s::bigint[])",
    ),
    "status": (
        ("compliance",),
        """'compliance', x.to_status, x.reason, NULL, '', x.subject_id, COALESCE(u.display_name, ''),
        json_build_object('from', x.from_status)
        FROM core_statuschange x LEFT JOIN users_user u ON u.id = x.by_id""",
        "x.at",
        "x.subject_type = 'accounts.account' AND x.subject_id = ANY(%(accounts)s)"
        " AND x.to_status IN ('CLOSED', 'RECALLED', 'SETTLED', 'PAID')",
    ),
}
_TOLD = {"call": "x.right_party", "message": "x.state IN ('SENT', 'DELIVERED')"}
_IDS = {"event": "x.id::text", "return": "r.id::text"}


MOST = 100  # a tally says "99+" from here on
TYPES = {
    "debtor": "bigint", "accounts": "bigint[]", "limit": "int", "most": "int", "before": "timestamptz",
    "source": "text", "id": "text",
}  # fmt: skip


@lru_cache(maxsize=16)
def page(tab: str, *, tallies: bool = False) -> str:
    """The statement for one tab ("" for all). With `tallies`, rows of source `tally` count the newest by tab."""
    branches = [_branch(source, tab, tallies) for source, spec in BRANCHES.items() if not tab or tab in spec[0]]
    merged = "\nUNION ALL ".join(branches)
    shown = (
        f"SELECT {_COLUMNS} FROM everything WHERE (%(before)s::timestamptz IS NULL OR"
        " (at, source, id) < (%(before)s, %(source)s, %(id)s)) ORDER BY at DESC, source DESC, id DESC LIMIT %(limit)s"
    )
    counted = (
        " UNION ALL SELECT NULL, 'tally', count(*)::text, tab, '', '', NULL, '', NULL, '', '{}'"
        " FROM everything GROUP BY tab"
    )
    whole = f"({shown}){counted}" if tallies else shown
    return f"WITH everything({_COLUMNS}) AS MATERIALIZED ({merged}) {whole}"


def _branch(source: str, tab: str, tallies: bool) -> str:
    _, body, moment, where = BRANCHES[source]
    told = f" AND {_TOLD[source]}" if tab == "told" and source in _TOLD else ""
    ident = _IDS.get(source, "x.id::text")
    older = (
        f" AND (%(before)s::timestamptz IS NULL OR ({moment} <= %(before)s AND"
        f" ({moment} < %(before)s OR ('{source}', {ident}) < (%(source)s, %(id)s))))"
    )
    return (
        f"(SELECT {moment}, '{source}'::text, {ident}, {body} WHERE {where}{told}{'' if tallies else older}"
        f" ORDER BY {moment} DESC, {ident} DESC LIMIT {'%(most)s' if tallies else '%(limit)s'})"
    )
