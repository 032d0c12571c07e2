"""One statement that works out the work of many people and writes only the rows that change.

It says in SQL what strategies/rules says in Python, from the same tables of bands and words; the test
strategies/tests/test_refresh.py holds both together. Times: `%(at)s` is aware; days are those of the
portfolio's time zone. Amounts in the debts' currency.
"""

from collections.abc import Mapping

from .models import NOT_LATE
from .rules import priority, steps


def _band(bands: tuple[priority.Band, ...], value: str) -> str:
    """CASE that gives the percent of the last band at or below `value`."""
    rising = "".join(f" WHEN {value} >= {start} THEN {percent}" for start, percent in reversed(bands[1:]))
    return f"CASE{rising} ELSE {bands[0][1]} END"


def _pick(words: Mapping[str, object], value: str) -> str:
    cases = "".join(f" WHEN '{key}' THEN {_literal(found)}" for key, found in words.items())
    return f"CASE {value}{cases} END"


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _points(weights: Mapping[str, int]) -> dict[str, str]:
    percents = {
        "reason": _pick(priority.REASON, "queue"),
        "amount": _band(priority.AMOUNT, "amount"),
        "lateness": _band(priority.LATENESS, "GREATEST(COALESCE(today - late_since, 0), 0)"),
        "quiet": f"CASE WHEN last_at IS NULL THEN {priority.NEVER_CONTACTED}"
        f" ELSE {_band(priority.QUIET, '(today - last_on)')} END",
        "missed": f"CASE WHEN missed_on IS NULL THEN 0 ELSE {_band(priority.MISSED, '(today - missed_on)')} END",
    }
    return {code: f"({int(weights.get(code, 0))} * ({case}) / 100)" for code, case in percents.items()}


LAST_CONTACT = """CASE
    WHEN e.kind = 'call' AND e.direction = 'in' THEN 'called us'
    WHEN e.kind = 'call' AND e.outcome LIKE 'conversation%%' THEN 'talked'
    WHEN e.kind = 'call' AND e.outcome IN ('limited_content_message', 'voicemail', 'message_left') THEN 'voicemail'
    WHEN e.kind = 'call' AND e.outcome = 'busy' THEN 'busy'
    WHEN e.kind = 'call' AND e.outcome = 'not_in_service' THEN 'not in service'
    WHEN e.kind = 'call' THEN 'no answer'
    WHEN e.kind = 'sms' THEN 'text'
    WHEN e.kind = 'email' THEN 'e-mail'
    WHEN e.kind = 'in_person' THEN 'visit'
    ELSE 'letter' END"""

FACTS = """
WITH book AS MATERIALIZED (
    SELECT p.id, p.currency, p.time_zone, (%(at)s AT TIME ZONE p.time_zone)::date AS today, t.first_team,
        concat_ws(':', p.collector_type = 'first_party_creditor', p.currency, t.teams) AS grp
    FROM accounts_portfolio p
    LEFT JOIN LATERAL (
        SELECT string_agg(team_id::text, ',' ORDER BY team_id) AS teams, min(team_id) AS first_team
        FROM accounts_portfolio_teams WHERE portfolio_id = p.id) t ON true
    WHERE p.active
), debt AS MATERIALIZED (
    SELECT a.id, a.debtor_id, a.portfolio_id, a.balance, a.delinquency_date, a.placed_on,
        b.grp, b.first_team, b.today, b.currency, b.time_zone
    FROM accounts_account a JOIN book b ON b.id = a.portfolio_id
    WHERE {who_a} AND a.status IN ('NEW', 'ACTIVE', 'ARRANGED') AND a.balance > 0 AND a.needs_decision = ''
        AND NOT EXISTS (SELECT 1 FROM compliance_hold h WHERE h.debtor_id = a.debtor_id AND h.account_id = a.id
            AND h.lifted_at IS NULL AND (h.until IS NULL OR h.until > %(at)s))
), wrote AS MATERIALIZED (
    SELECT DISTINCT r.debtor_id FROM contacts_reply r WHERE {who_r} AND r.state = 'OPEN'
), person AS (
    SELECT debtor_id, grp, max(today) AS today, max(first_team) AS team_id, sum(balance) AS amount,
        min(delinquency_date) AS late_since, max(placed_on) AS placed_on, count(*) AS debts, max(currency) AS currency,
        max(time_zone) AS time_zone,
        (array_agg(id ORDER BY balance DESC, id))[1] AS account_id,
        (array_agg(portfolio_id ORDER BY balance DESC, id))[1] AS portfolio_id
    FROM debt GROUP BY debtor_id, grp
    UNION ALL (
    -- Who wrote is answered, also without a debt that may be asked for: under any debt, open ones first, then newest.
    SELECT DISTINCT ON (q.debtor_id) q.debtor_id, b.grp, b.today, b.first_team, 0, NULL, a.placed_on, 0, b.currency,
        b.time_zone, a.id, a.portfolio_id
    FROM wrote JOIN accounts_accountparty q ON q.debtor_id = wrote.debtor_id
        JOIN accounts_account a ON a.id = q.account_id JOIN book b ON b.id = a.portfolio_id
    WHERE NOT EXISTS (SELECT 1 FROM debt d WHERE d.debtor_id = wrote.debtor_id)
    ORDER BY q.debtor_id, a.closed_at IS NOT NULL, q.role <> 'PRIMARY', a.id DESC)
), promised AS (
    SELECT d.debtor_id, d.grp, bool_or(pr.state = 'OPEN') AS open,
        max(pr.due_date) FILTER (WHERE pr.state <> 'OPEN') AS missed_on,
        (array_agg(pr.amount - pr.paid ORDER BY pr.due_date DESC, pr.id) FILTER (WHERE pr.state <> 'OPEN'))[1]
            AS missed_amount
    FROM payments_promise pr JOIN debt d ON d.id = pr.account_id
    WHERE pr.state = 'OPEN' OR (pr.state IN ('BROKEN', 'PART_KEPT') AND pr.due_date >= d.today - {fresh}
        AND NOT EXISTS (SELECT 1 FROM payments_promise k
            WHERE k.account_id = pr.account_id AND k.state = 'KEPT' AND k.made_at > pr.made_at))
    GROUP BY d.debtor_id, d.grp
), planned AS (
    SELECT debtor_id, bool_or(state = 'ACTIVE') AS on_track, bool_or(state <> 'ACTIVE') AS slipping
    FROM payments_plan pl
    WHERE {who_pl} AND (state IN ('ACTIVE', 'SLIPPING')
        OR (state = 'BROKEN' AND ended_at > %(at)s - interval '60 days'))
    GROUP BY debtor_id
), numbers AS (
    SELECT c.debtor_id, max(GREATEST(c.source_at, c.status_at)) AS since
    FROM accounts_contactpoint c
    WHERE {who_c} AND c.kind = 'PHONE' AND c.status IN ('ACTIVE', 'UNVERIFIED')
    GROUP BY c.debtor_id
), answered AS (
    SELECT d.debtor_id, d.grp, max(q.answered_at) AS answered_at
    FROM contacts_dispute q JOIN debt d ON d.id = q.account_id
    WHERE q.state = 'ANSWERED' AND q.answered_at > %(at)s - interval '{fresh} days'
    GROUP BY d.debtor_id, d.grp
), known AS MATERIALIZED (
    SELECT p.*, o.folded_name, o.name, o.zone_key, o.home_zone, o.language, pr.missed_on, pr.missed_amount,
        last.at AS last_at, last.words AS last_words, (last.at AT TIME ZONE p.time_zone)::date AS last_on,
        CASE
            WHEN EXISTS (SELECT 1 FROM compliance_hold h WHERE h.debtor_id = p.debtor_id AND h.account_id IS NULL
                AND h.lifted_at IS NULL AND (h.until IS NULL OR h.until > %(at)s)
                AND h.kind IN ('CEASE', 'ATTORNEY', 'BANKRUPTCY', 'DECEASED', 'ID_THEFT', 'BREATHING', 'COMPLAINT'))
                THEN CASE WHEN wr.debtor_id IS NULL THEN 'review' ELSE 'replies' END
            WHEN w.queue IN ('callbacks', 'skip') AND w.due_at IS NOT NULL AND nr.debtor_id IS NOT NULL THEN 'callbacks'
            WHEN wr.debtor_id IS NOT NULL THEN 'replies'
            WHEN w.queue IN ('callbacks', 'skip') AND w.due_at IS NOT NULL THEN 'skip'
            WHEN pr.open OR pl.on_track THEN NULL
            WHEN nr.debtor_id IS NULL AND COALESCE(w.set_queue, '') NOT IN ({desk_work}) THEN 'skip'
            WHEN w.set_queue <> '' AND (w.set_queue <> 'skip' OR nr.since <= w.created_at) THEN w.set_queue
            WHEN pr.missed_on IS NOT NULL THEN 'broken-promises'
            WHEN pl.slipping THEN 'plans-at-risk'
            WHEN an.answered_at IS NOT NULL AND (last.at IS NULL OR last.at < an.answered_at) THEN 'disputes'
            WHEN p.today - p.placed_on < {new} THEN 'new'
            ELSE 'general' END AS queue
    FROM person p
    JOIN accounts_debtor o ON o.id = p.debtor_id
    LEFT JOIN promised pr ON pr.debtor_id = p.debtor_id AND pr.grp = p.grp
    LEFT JOIN planned pl ON pl.debtor_id = p.debtor_id
    LEFT JOIN numbers nr ON nr.debtor_id = p.debtor_id
    LEFT JOIN answered an ON an.debtor_id = p.debtor_id AND an.grp = p.grp
    LEFT JOIN wrote wr ON wr.debtor_id = p.debtor_id
    LEFT JOIN strategies_workitem w ON w.debtor_id = p.debtor_id AND w.state = 'OPEN'
    LEFT JOIN LATERAL (
        SELECT e.at, {last_contact} AS words FROM compliance_contactevent e
        WHERE e.debtor_id = p.debtor_id
            AND e.kind IN ('call', 'sms', 'email', 'letter', 'validation_notice', 'in_person')
        ORDER BY e.at DESC LIMIT 1) last ON true
), scored AS (
    SELECT known.*, {reasons} AS reasons, {score} AS priority, {words} AS next_step
    FROM known WHERE queue IS NOT NULL
), fresh AS MATERIALIZED (
    SELECT DISTINCT ON (debtor_id) * FROM scored ORDER BY debtor_id, priority DESC, grp
)"""

COLUMNS = {
    "account_id": "f.account_id",
    "portfolio_id": "f.portfolio_id",
    "team_id": "f.team_id",
    "queue": "f.queue",
    "priority": "f.priority",
    "reasons": "f.reasons",
    "zone_key": "f.zone_key",
    "home_zone": "f.home_zone",
    "name": "f.name",
    "folded_name": "f.folded_name",
    "language": "f.language",
    "currency": "f.currency",
    "amount": "f.amount",
    "late_since": f"COALESCE(f.late_since, DATE '{NOT_LATE}')",
    "debts": "f.debts",
    "missed_amount": "f.missed_amount",
    "missed_on": "f.missed_on",
    "last_contact_at": "f.last_at",
    "last_contact": "COALESCE(f.last_words, '')",
}

WRITE = """, changed AS (
    UPDATE strategies_workitem w SET {sets}, updated_at = %(at)s,
        next_step = CASE WHEN w.queue <> f.queue OR w.next_step = '' THEN f.next_step ELSE w.next_step END,
        not_before = CASE WHEN w.queue = f.queue THEN w.not_before
            WHEN f.queue = 'callbacks' THEN w.due_at
            WHEN w.queue = 'skip' OR (w.queue, f.queue) = ('callbacks', 'skip')
                OR f.queue IN ('broken-promises', 'plans-at-risk', 'disputes', 'replies')
            THEN LEAST(w.not_before, %(at)s) ELSE w.not_before END
    FROM fresh f
    WHERE w.debtor_id = f.debtor_id AND {who_w} AND w.state = 'OPEN' AND ({old}) IS DISTINCT FROM ({new})
    RETURNING 1
), made AS (
    INSERT INTO strategies_workitem ({names}, debtor_id, state, not_before, next_step, set_queue, held,
        created_at, updated_at)
    SELECT {new}, f.debtor_id, 'OPEN', %(at)s, f.next_step, '',
        EXISTS (SELECT 1 FROM strategies_personhold h WHERE h.debtor_id = f.debtor_id AND h.released_at IS NULL),
        %(at)s, %(at)s
    FROM fresh f
    WHERE NOT EXISTS (SELECT 1 FROM strategies_workitem w
        WHERE w.debtor_id = f.debtor_id AND {who_w} AND w.state = 'OPEN')
    ON CONFLICT DO NOTHING
    RETURNING 1
), ended AS (
    UPDATE strategies_workitem w SET state = 'CANCELLED', done_at = %(at)s, updated_at = %(at)s
    WHERE w.state = 'OPEN' AND {who_w} AND NOT EXISTS (SELECT 1 FROM fresh f WHERE f.debtor_id = w.debtor_id)
    RETURNING 1
)
SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM changed), (SELECT count(*) FROM ended)"""


def _facts(who: str, weights: Mapping[str, int]) -> str:
    points = _points(weights)
    pairs = ", ".join(f"'{code}', {case}" for code, case in points.items())
    return FACTS.format(
        who_a=who.format("a"),
        who_pl=who.format("pl"),
        who_r=who.format("r"),
        who_c=who.format("c"),
        desk_work=", ".join(f"'{queue}'" for queue in sorted(steps.DESK_WORK)),
        fresh=steps.FRESH_DAYS,
        new=steps.NEW_DAYS,
        last_contact=LAST_CONTACT,
        reasons=f"jsonb_build_object({pairs})",
        score=" + ".join(points.values()),
        words=_pick(steps.NEXT_STEPS, "queue"),
    )


def refresh(*, who: str, weights: Mapping[str, int]) -> str:
    """The whole statement. `who` is a condition on `{0}.debtor_id`; it returns (made, changed, ended)."""
    names = list(COLUMNS)
    written = WRITE.format(
        sets=", ".join(f"{name} = {value}" for name, value in COLUMNS.items()),
        old=", ".join(f"w.{name}" for name in names),
        new=", ".join(COLUMNS.values()),
        names=", ".join(names),
        who_w=who.format("w"),
    )
    return _facts(who, weights) + written


def ranking(*, weights: Mapping[str, int]) -> str:
    """The first `%(limit)s` open items of `%(books)s` with these weights, best first; writes nothing (F17).

    The item repeats what the score needs, so no fact is read again: one pass over the books' items.
    """
    score = " + ".join(_points(weights).values())
    return f"""SELECT id, debtor_id, name, queue, amount, currency, {score} AS points FROM (
        SELECT w.*, (%(at)s AT TIME ZONE p.time_zone)::date AS today, w.last_contact_at AS last_at,
            (w.last_contact_at AT TIME ZONE p.time_zone)::date AS last_on
        FROM strategies_workitem w JOIN accounts_portfolio p ON p.id = w.portfolio_id
        WHERE w.state = 'OPEN' AND w.portfolio_id = ANY(%(books)s)) item
    ORDER BY points DESC, id LIMIT %(limit)s"""
