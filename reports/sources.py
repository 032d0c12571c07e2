"""The rows behind the figures, one SQL text per subject. Day facts add them up; the lists behind a tile show them.

Because both read the same text, a tile and its list cannot disagree (D3). Every text yields at least: id, "on" (the
day in the portfolio's time zone), at, portfolio_id, officer_id, debtor_id, account_id, amount. Parameters: `first` and
`last` (days, both included), `lo` and `hi` (instants that hold these days in every time zone).
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

_ZONES = timedelta(hours=15)
_BOOK = "JOIN accounts_portfolio p ON p.id = a.portfolio_id"
_WITHIN = '"on" BETWEEN %(first)s AND %(last)s'

# An outcome taken back stays on record, and the same call is there once more for the right one (decision 0013).
_STANDS = "NOT EXISTS (SELECT 1 FROM contacts_interaction again WHERE again.corrects_id = i.id AND again.kind = 'CALL')"
CALLS = f"""
SELECT * FROM (
  SELECT i.id, (i.started_at AT TIME ZONE p.time_zone)::date AS "on", i.started_at AS at, a.portfolio_id, i.officer_id,
    i.debtor_id, a.id AS account_id, NULL::numeric AS amount, i.direction, i.right_party AND i.direction = 'out' AS
    right_party, i.right_party AS talked, d.label AS words, i.disposition_id,
    COALESCE(d.call_outcome IN ('conversation', 'conversation_third_party', 'dropped_after_answer')
      OR i.right_party, false) AS answered
  FROM contacts_interaction i
  JOIN accounts_account a ON a.id = COALESCE(i.account_id, i.account_ids[1]) {_BOOK}
  LEFT JOIN contacts_disposition d ON d.code = i.disposition_id
  WHERE i.kind = 'CALL' AND i.started_at >= %(lo)s AND i.started_at < %(hi)s AND {_STANDS}
) calls WHERE {_WITHIN}"""

WORKED = f"""
SELECT min(id) AS id, "on", max(at) AS at, portfolio_id, officer_id, debtor_id, min(account_id) AS account_id,
  NULL::numeric AS amount, max(words) AS words
FROM ({CALLS} AND disposition_id IS NOT NULL) saved GROUP BY "on", portfolio_id, officer_id, debtor_id"""

# A promise matures on its last day of grace once it is judged; replaced after its due date counts as missed.
_JUDGED = """(pr.state IN ('KEPT', 'PART_KEPT', 'BROKEN') OR (pr.state = 'REPLACED'
  AND (next.made_at AT TIME ZONE p.time_zone)::date > pr.due_date))"""
MATURED = f"""
SELECT pr.id, pr.grace_until AS "on", pr.made_at AS at, a.portfolio_id, pr.made_by_id AS officer_id, pr.debtor_id,
  a.id AS account_id, pr.amount, pr.state, pr.due_date, pr.state = 'KEPT' AS kept,
  LEAST(GREATEST(pr.paid, 0), pr.amount) AS paid, pr.state AS words
FROM payments_promise pr JOIN accounts_account a ON a.id = pr.account_id {_BOOK}
LEFT JOIN payments_promise next ON next.id = pr.replaced_by_id
WHERE pr.state IN ('KEPT', 'PART_KEPT', 'BROKEN', 'REPLACED') AND pr.grace_until BETWEEN %(first)s AND %(last)s
  AND pr.grace_until <= %(today)s AND {_JUDGED}"""

MADE = f"""
SELECT * FROM (
  SELECT pr.id, (pr.made_at AT TIME ZONE p.time_zone)::date AS "on", pr.made_at AS at, a.portfolio_id,
    pr.made_by_id AS officer_id, pr.debtor_id, a.id AS account_id, pr.amount, pr.state AS words, pr.due_date
  FROM payments_promise pr JOIN accounts_account a ON a.id = pr.account_id {_BOOK}
  WHERE pr.made_at >= %(lo)s AND pr.made_at < %(hi)s
    AND NOT EXISTS (SELECT 1 FROM payments_promise old WHERE old.replaced_by_id = pr.id)
) made WHERE {_WITHIN}"""

# The funnel is one cohort: the calls of these days and what became of the promises made in them (DECISIONS 25).
TALKS = f"""
SELECT talk.id, talk."on", talk.at, talk.portfolio_id, talk.officer_id, talk.debtor_id, talk.account_id,
  NULL::numeric AS amount, bool_or(pr.state IN ('KEPT', 'PART_KEPT', 'BROKEN') AND pr.grace_until <= %(today)s) AS due,
  bool_or(pr.state = 'KEPT' AND pr.grace_until <= %(today)s) AS kept, max(talk.words) AS words
FROM ({CALLS} AND right_party) talk JOIN payments_promise pr ON pr.interaction_id = talk.id
  AND pr.debtor_id = talk.debtor_id
WHERE NOT EXISTS (SELECT 1 FROM payments_promise old WHERE old.replaced_by_id = pr.id)
GROUP BY talk.id, talk."on", talk.at, talk.portfolio_id, talk.officer_id, talk.debtor_id, talk.account_id"""

PLANS = f"""
SELECT * FROM (
  SELECT pl.id, (pl.agreed_at AT TIME ZONE p.time_zone)::date AS "on", pl.agreed_at AS at, a.portfolio_id,
    pl.agreed_by_id AS officer_id, pl.debtor_id, a.id AS account_id, pl.total AS amount, pl.state AS words
  FROM payments_plan pl JOIN accounts_account a ON a.id = pl.account_id {_BOOK}
  WHERE pl.agreed_at >= %(lo)s AND pl.agreed_at < %(hi)s
) plans WHERE {_WITHIN}"""

# Credit: the officer of the last talk or promise in the 30 days before; else who took it, unless it came in a batch.
_CREDIT = """LEFT JOIN LATERAL (
  SELECT officer FROM (
    SELECT i.officer_id AS officer, i.started_at AS at FROM contacts_interaction i
    WHERE i.account_id = pay.account_id AND i.right_party AND i.officer_id IS NOT NULL
      AND i.started_at BETWEEN pay.recorded_at - interval '30 days' AND pay.recorded_at
    UNION ALL SELECT pr.made_by_id, pr.made_at FROM payments_promise pr
    WHERE pr.account_id = pay.account_id AND pr.made_by_id IS NOT NULL
      AND pr.made_at BETWEEN pay.recorded_at - interval '30 days' AND pay.recorded_at
  ) worked ORDER BY at DESC LIMIT 1) credit ON true"""
_OFFICER = "COALESCE(credit.officer, CASE WHEN pay.batch_line_id IS NULL THEN pay.taken_by_id END)"
COLLECTED = f"""
SELECT * FROM (
  SELECT pay.id, (pay.recorded_at AT TIME ZONE p.time_zone)::date AS "on", pay.recorded_at AS at, a.portfolio_id,
    {_OFFICER} AS officer_id, pay.debtor_id, a.id AS account_id, pay.amount, pay.method AS words, false AS back
  FROM payments_payment pay JOIN accounts_account a ON a.id = pay.account_id {_BOOK} {_CREDIT}
  WHERE pay.recorded_at >= %(lo)s AND pay.recorded_at < %(hi)s
  UNION ALL
  SELECT pay.id, (r.recorded_at AT TIME ZONE p.time_zone)::date, r.recorded_at, a.portfolio_id, {_OFFICER},
    pay.debtor_id, a.id, -pay.amount, r.reason, true
  FROM payments_paymentreturn r JOIN payments_payment pay ON pay.id = r.payment_id
  JOIN accounts_account a ON a.id = pay.account_id {_BOOK} {_CREDIT}
  WHERE r.recorded_at >= %(lo)s AND r.recorded_at < %(hi)s
) money WHERE {_WITHIN}"""

# Answers asked for an act: offering work ("claim") and looking are not acts.
DECISIONS = f"""
SELECT * FROM (
  SELECT v.id, (v.asked_at AT TIME ZONE p.time_zone)::date AS "on", v.asked_at AS at, a.portfolio_id,
    v.asked_by_id AS officer_id, v.debtor_id, a.id AS account_id, NULL::numeric AS amount, v.channel, v.rule_id,
    v.decision = 'block' AS stopped, v.rule_id AS words
  FROM compliance_verdictrecord v JOIN accounts_account a ON a.id = COALESCE(v.account_ids[1],
    (SELECT min(one.id) FROM accounts_account one WHERE one.debtor_id = v.debtor_id)) {_BOOK}
  WHERE v.asked_at >= %(lo)s AND v.asked_at < %(hi)s AND v.occasion NOT IN ('claim', 'list', 'look')
) decisions WHERE {_WITHIN}"""

MESSAGES = f"""
SELECT * FROM (
  SELECT m.id, (COALESCE(m.sent_at, m.finished_at) AT TIME ZONE p.time_zone)::date AS "on",
    COALESCE(m.sent_at, m.finished_at) AS at, a.portfolio_id, m.planned_by_id AS officer_id, m.debtor_id,
    a.id AS account_id, NULL::numeric AS amount, m.channel, m.state, m.state IN ('SENT', 'DELIVERED', 'RETURNED') AS
    left_us, m.state = 'WITHHELD' AS held_back, COALESCE(NULLIF(m.reason, ''), m.kind) AS words
  FROM letters_message m JOIN accounts_account a ON a.id = m.account_id {_BOOK}
  WHERE COALESCE(m.sent_at, m.finished_at) >= %(lo)s AND COALESCE(m.sent_at, m.finished_at) < %(hi)s
    AND m.state NOT IN ('QUEUED', 'SENDING')
) messages WHERE {_WITHIN}"""


_WORKABLE = "status IN ('NEW', 'ACTIVE', 'ARRANGED') AND balance > 0"
# One row per debt that could be worked on a day of the period, or was tried. Paused, disputed and closed ones are not
# in it. Besides `bounds`: `before`, the day before the first; `base`, from when its snapshots are whole; `portfolios`.
REACH = f"""
SELECT could.account_id AS id, %(last)s::date AS "on", COALESCE(tried.at, %(lo)s) AS at, a.portfolio_id,
  NULL::bigint AS officer_id, a.debtor_id, a.id AS account_id, NULL::numeric AS amount,
  tried.calls IS NOT NULL AS tried, COALESCE(tried.calls, 0)::text AS words
FROM (
  SELECT account_id FROM (
    SELECT DISTINCT ON (account_id) account_id, status, balance FROM accounts_accountsnapshot
    WHERE portfolio_id = ANY(%(portfolios)s) AND valid_from >= %(base)s AND valid_from <= %(before)s
    ORDER BY account_id, valid_from DESC, recorded_at DESC) opening WHERE {_WORKABLE}
  UNION SELECT account_id FROM accounts_accountsnapshot
    WHERE portfolio_id = ANY(%(portfolios)s) AND valid_from BETWEEN %(first)s AND %(last)s AND {_WORKABLE}
  UNION SELECT id FROM accounts_account
    WHERE portfolio_id = ANY(%(portfolios)s) AND placed_on BETWEEN %(first)s AND %(last)s AND {_WORKABLE}
  UNION SELECT account_id FROM ({{tried}}) once
) could JOIN accounts_account a ON a.id = could.account_id AND a.portfolio_id = ANY(%(portfolios)s)
LEFT JOIN ({{tried}}) tried ON tried.account_id = a.id""".format(
    tried=f"""SELECT debt.id AS account_id, count(*) AS calls, max(i.started_at) AS at FROM contacts_interaction i
  CROSS JOIN LATERAL unnest(CASE WHEN cardinality(i.account_ids) > 0 THEN i.account_ids ELSE ARRAY[i.account_id] END)
    AS debt(id)
  JOIN accounts_account a ON a.id = debt.id AND a.portfolio_id = ANY(%(portfolios)s) {_BOOK}
  WHERE i.kind = 'CALL' AND i.direction = 'out' AND i.started_at >= %(lo)s AND i.started_at < %(hi)s
    AND (i.started_at AT TIME ZONE p.time_zone)::date BETWEEN %(first)s AND %(last)s AND {_STANDS} GROUP BY 1"""
)

# One row per debt late at the last month end; `cured` when it is open and not past due on the day. Parameters:
# `opened` (the month end), `opened_base`, `day`, `day_base`, `live` (the day is today), `portfolios`.
LATE = """
SELECT o.account_id AS id, %(day)s::date AS "on", %(opened)s::timestamptz AS at, o.portfolio_id,
  NULL::bigint AS officer_id, a.debtor_id, a.id AS account_id, o.balance AS amount, e.status AS words,
  e.status IN ('NEW', 'ACTIVE', 'ARRANGED', 'DISPUTED', 'HELD') AND e.balance > 0
    AND (e.delinquency_date IS NULL OR e.delinquency_date >= %(day)s) AS cured
FROM (
  SELECT DISTINCT ON (account_id) account_id, portfolio_id, status, balance, delinquency_date
  FROM accounts_accountsnapshot WHERE portfolio_id = ANY(%(portfolios)s) AND valid_from >= %(opened_base)s
    AND valid_from <= %(opened)s ORDER BY account_id, valid_from DESC, recorded_at DESC
) o JOIN accounts_account a ON a.id = o.account_id
JOIN LATERAL (
  SELECT a.status, a.balance, a.delinquency_date WHERE %(live)s
  UNION ALL (SELECT s.status, s.balance, s.delinquency_date FROM accounts_accountsnapshot s
    WHERE NOT %(live)s AND s.account_id = a.id AND s.valid_from >= %(day_base)s AND s.valid_from <= %(day)s
    ORDER BY s.valid_from DESC, s.recorded_at DESC LIMIT 1)
) e ON true
WHERE o.status IN ('NEW', 'ACTIVE', 'ARRANGED', 'DISPUTED', 'HELD') AND o.balance > 0
  AND o.delinquency_date < %(opened)s"""


def bounds(first: date, last: date, today: date) -> dict[str, Any]:
    """The parameters of every text here, for the days first to last, both included."""
    return {
        "first": first,
        "last": last,
        "today": today,
        "lo": datetime.combine(first, time(), UTC) - _ZONES,
        "hi": datetime.combine(last, time(), UTC) + timedelta(days=1) + _ZONES,
    }


def narrow(
    portfolios: Collection[int] | None, officer: int | None, *, nobody: bool = False
) -> tuple[str, dict[str, Any]]:
    """A WHERE over a source for some portfolios (None: all) and one officer (or for rows without one)."""
    parts, values = ["true"], dict[str, Any]()
    if portfolios is not None:
        parts.append("portfolio_id = ANY(%(portfolios)s)")
        values["portfolios"] = sorted(portfolios)
    if nobody:
        parts.append("officer_id IS NULL")
    elif officer is not None:
        parts.append("officer_id = %(officer)s")
        values["officer"] = officer
    return " AND ".join(parts), values
