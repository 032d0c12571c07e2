"""Bare floors of the jobs: the same rows in SQL, or the least a job could do. Tables live in the schema `bench`."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.template import engines

from .floors import bare

_THEIRS = "(SELECT id FROM accounts_account WHERE placement_id = %(placement)s)"
_THEIR_PEOPLE = "(SELECT debtor_id FROM accounts_account WHERE placement_id = %(placement)s)"
# table -> (which of its rows an import made, the columns that have to differ in a copy)
COPY: dict[str, tuple[str, dict[str, str]]] = {
    "accounts_debtor": (f"t.id IN {_THEIR_PEOPLE}", {}),
    "accounts_account": ("t.placement_id = %(placement)s", {"reference": "reference || '-' || {n}"}),
    "accounts_accountparty": (f"t.account_id IN {_THEIRS}", {}),
    "accounts_contactpoint": (
        f"t.debtor_id IN {_THEIR_PEOPLE}", {},
    ),
    "ledger_journal": (
        f"t.subject_id IN {_THEIRS}",
        {"id": "md5(id::text || {n})::uuid", "key": "key || ':' || {n}"},
    ),
    "ledger_entry": (
        f"t.subject_id IN {_THEIRS}",
        {"id": "gen_random_uuid()", "journal_id": "md5(journal_id::text || {n})::uuid"},
    ),
    "ledger_balance": (f"t.subject_id IN {_THEIRS}", {}),
    "accounts_accountsnapshot": (f"t.account_id IN {_THEIRS}", {"id": "gen_random_uuid()"}),
    "core_statuschange": (f"t.subject_type = 'accounts.account' AND t.subject_id IN {_THEIRS}", {}),
    "core_auditevent": (
        f"t.action = 'account.placed' AND t.person_id IN {_THEIR_PEOPLE}", {"id": "gen_random_uuid()"},
    ),
    "strategies_workitem": (f"t.debtor_id IN {_THEIR_PEOPLE}", {}),
    "accounts_importrow": (
        "t.import_file_id = (SELECT max(id) FROM accounts_importfile WHERE placement_id = %(placement)s)",
        {"line": "line + {n} * 1000000"},
    ),
}  # fmt: skip
SHIFTED = {
    "accounts_debtor": {"id"},
    "accounts_account": {"id", "debtor_id"},
    "accounts_accountparty": {"id", "debtor_id", "account_id"},
    "accounts_contactpoint": {"id", "debtor_id"},
    "ledger_journal": {"subject_id"},
    "ledger_entry": {"subject_id"},
    "ledger_balance": {"id", "subject_id"},
    "accounts_accountsnapshot": {"account_id"},
    "core_statuschange": {"id", "subject_id"},
    "core_auditevent": {"person_id"},
    "strategies_workitem": {"id", "debtor_id", "account_id"},
    "accounts_importrow": {"id", "account_id"},
}


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "ORDER BY attnum",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]


class Placement:
    """The rows that the newest import wrote, once more under other keys: one INSERT a table, one commit."""

    def __init__(self, rows: int) -> None:
        self.rows, self.numbers = rows, itertools.count(1)
        self.conn = bare()
        self.conn.autocommit = False
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT placement_id FROM accounts_importfile WHERE state = 'LOADED' ORDER BY id DESC LIMIT 1"
            )
            (self.placement,) = cursor.fetchone()
        self.statements = [self._copied(table, *how) for table, how in COPY.items()]

    def _copied(self, table: str, which: str, other: dict[str, str]) -> str:
        names = _columns(table)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS bench.copy_{table}")
            cursor.execute(
                f"CREATE TABLE bench.copy_{table} AS SELECT t.* FROM {table} t WHERE {which}",
                {"placement": self.placement},
            )
        shifted = {name: f"{name} + {{n}} * 1000000000::bigint" for name in SHIFTED[table]} | other
        chosen = ", ".join(shifted.get(name, f'"{name}"') for name in names)
        quoted = ", ".join(f'"{name}"' for name in names)
        return f"INSERT INTO {table} ({quoted}) SELECT {chosen} FROM bench.copy_{table}"  # noqa: S608

    def __call__(self) -> int:
        number, cursor = next(self.numbers), self.conn.cursor()
        for statement in self.statements:
            cursor.execute(statement.format(n=number))
        self.conn.commit()
        return self.rows


class SameRows:
    """The rows of one payment in the product's own tables, with its triggers: eight statements, one commit."""

    def __init__(self) -> None:
        self.conn = bare()
        self.conn.autocommit = False
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, debtor_id, creditor_id, portfolio_id FROM accounts_account "
                "WHERE status = 'ACTIVE' AND balance > 200 ORDER BY id DESC LIMIT 3000"
            )
            self.accounts = itertools.cycle(cursor.fetchall())

    def __call__(self) -> int:
        account, debtor, creditor, portfolio = next(self.accounts)
        cursor = self.conn.cursor()
        v = {"a": account, "d": debtor, "c": creditor, "p": portfolio, "j": str(uuid4()), "k": f"bench:{uuid4()}"}
        v |= {"e": str(uuid4()), "f": str(uuid4()), "u": str(uuid4())}
        for statement in _PAYMENT:
            cursor.execute(statement, v)
        self.conn.commit()
        return 1


_PAYMENT = (
    "SELECT balance FROM accounts_account WHERE id = %(a)s FOR UPDATE",
    "INSERT INTO ledger_journal (id, key, code, subject_id, currency, effective_date, posted_at, recorded_at, memo, "
    "digest) VALUES (%(j)s, %(k)s, 'PAYMENT', %(a)s, 'USD', current_date, now(), now(), '', '')",
    "INSERT INTO ledger_entry (id, journal_id, account_id, subject_id, party_id, currency, debit, credit, "
    "effective_date, recorded_at) VALUES (%(e)s, %(j)s, 'trust.cash', %(a)s, %(c)s, 'USD', 0.01, NULL, current_date, "
    "now()), (%(f)s, %(j)s, 'receivable.principal', %(a)s, NULL, 'USD', NULL, 0.01, current_date, now())",
    "INSERT INTO ledger_balance (subject_id, account_id, currency, amount) VALUES (%(a)s, 'receivable.principal', "
    "'USD', -0.01) ON CONFLICT (subject_id, account_id, currency) DO UPDATE SET amount = ledger_balance.amount - 0.01",
    "UPDATE accounts_account SET balance = balance - 0.01, version = version + 1, last_payment_date = current_date, "
    "last_payment_amount = 0.01 WHERE id = %(a)s",
    "INSERT INTO payments_payment (account_id, debtor_id, amount, currency, method, state, effective_date, "
    "received_at, recorded_at, key, provider, provider_ref, direction, allocation, unapplied, journal_id) VALUES "
    "(%(a)s, %(d)s, 0.01, 'USD', 'CARD', 'POSTED', current_date, now(), now(), %(k)s, '', '', '{}', "
    "'{\"parts\": {\"principal\": \"0.01\"}}', 0, %(j)s)",
    "INSERT INTO core_auditevent (id, at, action, actor_name, actor_roles, subject_type, subject_id, person_id, "
    "portfolio_id, data, reason, request_id) VALUES (%(u)s, now(), 'payment.recorded', 'system', '', "
    "'payments.payment', %(k)s, %(d)s, %(p)s, '{\"amount\": \"0.01\"}', '', '')",
)  # fmt: skip


class Night:
    """Rewrite the buckets that change, their history, and the snapshot rows that changed, in bare tables."""

    BUCKET = "width_bucket(({on} - due)::int, ARRAY[1,30,60,90,120,150,180])"

    def __init__(self, first: date) -> None:
        self.cursor, self.on = bare().cursor(), first
        bucket = self.BUCKET.format(on=f"DATE '{first}'")
        self.cursor.execute("DROP TABLE IF EXISTS bench.aged, bench.move, bench.snap")
        self.cursor.execute(
            f"CREATE TABLE bench.aged AS SELECT id, due, balance, {bucket} AS bucket FROM "
            "(SELECT id, delinquency_date AS due, balance FROM accounts_account WHERE delinquency_date IS NOT NULL "
            "AND status IN ('NEW', 'ACTIVE', 'ARRANGED', 'DISPUTED', 'HELD')) a"
        )
        self.cursor.execute("ALTER TABLE bench.aged ADD PRIMARY KEY (id)")
        self.cursor.execute("CREATE TABLE bench.move (id bigint, on_date date, old int, new int)")
        self.cursor.execute("CREATE TABLE bench.snap (id bigint, on_date date, bucket int, balance numeric(14,2))")

    def __call__(self) -> int:
        self.on += timedelta(days=1)
        on = f"DATE '{self.on}'"
        bucket = self.BUCKET.format(on=on)
        self.cursor.execute(
            f"WITH m AS (UPDATE bench.aged a SET bucket = n.new FROM (SELECT id, bucket AS old, {bucket} AS new "
            f"FROM bench.aged WHERE bucket <> {bucket}) n WHERE a.id = n.id RETURNING a.id, n.old, n.new, a.balance), "
            f"s AS (INSERT INTO bench.snap SELECT id, {on}, new, balance FROM m) "
            f"INSERT INTO bench.move SELECT id, {on}, old, new FROM m"
        )
        return 1


class Mail:
    """The floor `email_render_mime` of the budgets: a text and an HTML template with eight lines each, and the bytes
    of one MIME message; no verdict, nothing kept."""

    LINES = tuple((f"Item {n}", f"{n * 13.5:.2f}") for n in range(8))
    ABOUT = "This is an attempt to collect a debt. " * 6

    def __init__(self) -> None:
        rows = "{% for l in lines %}%s{{ l.0 }}%s{{ l.1 }}%s{% endfor %}"
        facts = "Your account {{ ref }} has a balance of {{ cur }} {{ bal }} due {{ due }}."
        text = (
            f"Dear {{{{ n }}}},\n\n{facts}\n" + _between(rows, "", "  ", "\n") + f"Reply STOP to opt out.\n{self.ABOUT}"
        )
        page = f"<html><body><p>Dear {{{{ n }}}},</p><p>{facts}</p><table>"
        page += _between(rows, "<tr><td>", "</td><td>", "</td></tr>") + f"</table><p>{self.ABOUT}</p></body></html>"
        self.text, self.html = engines["django"].from_string(text), engines["django"].from_string(page)
        self.numbers = itertools.count()

    def __call__(self) -> int:
        number = next(self.numbers)
        facts = {"n": f"Ana {number}", "ref": f"C01-{number:09d}", "cur": "USD", "bal": "1234.50", "due": "2026-12-01"}
        given = {**facts, "lines": self.LINES}
        mail = EmailMultiAlternatives("Your account", self.text.render(given), "a@example.com", ["b@example.com"])
        mail.attach_alternative(self.html.render(given), "text/html")
        mail.message().as_bytes()
        return 1


def _between(rows: str, *marks: str) -> str:
    for mark in marks:
        rows = rows.replace("%s", mark, 1)
    return rows


def plain_template(at: datetime) -> int:
    """The id of a live e-mail template of the kind "general"; made when it is missing."""
    from letters import services
    from letters.models import Template

    template, new = Template.objects.get_or_create(
        slug="bench-general", defaults={"name": "Benchmark", "channel": "email", "kind": "general"}
    )
    if new:
        body = "Dear {{ person.name }},\n\nYou owe {{ debt.balance }} to {{ debt.creditor }}.\n\n---\n\n"
        body += "{{ legal.subsequent_disclosure }} {{ legal.opt_out_instructions }}"
        version = services.save_version(
            template=template, lang="en", subject="About your debt", body=body, note="", by=None, at=at
        )
        services.put_live(version=version, by=None, at=at)
    return template.pk


def again(ids: Sequence[int], template: int, at: datetime) -> None:
    """These messages once more, as general ones, under new keys and due now."""
    names = [name for name in _columns("letters_message") if name != "id"]
    new: dict[str, Any] = {
        "key": "left(key, 60) || ':' || gen_random_uuid()", "kind": "'general'", "template_id": "%(template)s",
        "version_id": "NULL", "state": "'QUEUED'", "due_at": "%(at)s", "planned_at": "%(at)s",
        "tries": "0", "prepared": "NULL", "verdict_id": "NULL", "sent_at": "NULL", "finished_at": "NULL",
        "document_id": "NULL", "provider_ref": "''", "expires_at": "NULL", "subject_type": "''", "subject_id": "NULL",
    }  # fmt: skip
    chosen = ", ".join(new.get(name, f'"{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO letters_message ({quoted}) SELECT {chosen} FROM letters_message WHERE id = ANY(%(ids)s)",
            {"at": at, "ids": list(ids), "template": template},
        )
