"""The three database roles, the extensions and the database: made by whoever may, the same on every server.

crm_owner owns the tables and migrates; web and workers are crm_app, which owns nothing; crm_read is for
auditors and reports (RELIABILITY 41, 43).
"""

from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from .trouble import Trouble

OWNER, APP, READ = "crm_owner", "crm_app", "crm_read"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist", "citext")
OPTIONAL_EXTENSIONS = ("pg_stat_statements",)  # only a superuser may; nothing needs it
TIMEOUTS = {"lock_timeout": "5s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s"}
OLDEST_SERVER = 150000


@dataclass(frozen=True)
class Urls:
    """What Django is handed: its own role, the owner for migrations, the reader for reports."""

    app: str
    owner: str
    read: str

    def env(self) -> dict[str, str]:
        return {"DATABASE_URL": self.app, "DATABASE_OWNER_URL": self.owner, "DATABASE_READ_URL": self.read}


def make_roles(
    cursor: "psycopg2.extensions.cursor", *, roles: tuple[str, ...] = (OWNER, APP, READ), login: bool = True
) -> None:
    """Create those that are missing. The connection must be allowed to."""
    for role in roles:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            statement = f"CREATE ROLE {{}} {'LOGIN' if login else 'NOLOGIN'}"
            cursor.execute(sql.SQL(statement).format(sql.Identifier(role)))
            if role == APP:
                for name, value in TIMEOUTS.items():
                    line = sql.SQL("ALTER ROLE {} SET {} = %s")
                    cursor.execute(line.format(sql.Identifier(role), sql.Identifier(name)), [value])


def make_extensions(cursor: "psycopg2.extensions.cursor") -> list[str]:
    """Create what is missing; the optional ones that this login may not create. Raises Trouble."""
    refused = []
    for name in EXTENSIONS + OPTIONAL_EXTENSIONS:
        try:
            cursor.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
        except psycopg2.Error as error:
            if name in EXTENSIONS:
                raise Trouble(f"The database lacks the extension {name}: {str(error).strip()}") from error
            refused.append(name)
    return refused


def make_database(*, superuser_url: str, database: str) -> None:
    """On a cluster of our own: roles that log in, the database owned by crm_owner, the extensions in it."""
    connection = psycopg2.connect(superuser_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        make_roles(cursor)
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if not cursor.fetchone():
            names = (sql.Identifier(database), sql.Identifier(OWNER))
            cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
    connection.close()
    parts = urlsplit(superuser_url)
    connection = psycopg2.connect(urlunsplit(parts._replace(path=f"/{database}")))
    connection.autocommit = True
    with connection.cursor() as cursor:
        make_extensions(cursor)
        cursor.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)))
    connection.close()


def on_server(*, url: str, owner_url: str = "", read_url: str = "") -> tuple[Urls, list[str]]:
    """Prepare a server somebody else runs; the URLs to use and sentences worth printing. Raises Trouble.

    When `owner_url` (default: `url`) may create roles, they are made, and Django gets its URL with
    `options=-c role=crm_app`: it works as crm_app, whoever it logs in as.
    """
    owner = owner_url or url
    notes: list[str] = []
    try:
        connection = psycopg2.connect(owner)
    except psycopg2.OperationalError as error:
        raise Trouble(f"The server of DATABASE_URL can't be used: {str(error).strip()}") from error
    connection.autocommit = True
    with connection.cursor() as cursor:
        if connection.server_version < OLDEST_SERVER:
            version = connection.server_version // 10000
            raise Trouble(f"PostgreSQL 15 or newer is needed; this server is {version}.")
        _roles_as_allowed(cursor)
        refused = make_extensions(cursor)
        if refused:
            notes.append(f"Going on without {', '.join(refused)}: only a superuser may create it.")
        app = _as_role(cursor, url=url, owner=owner, role=APP)
        read = _as_role(cursor, url=read_url or url, owner=owner, role=READ)
    connection.close()
    if app == owner:
        notes.append("Web and workers log in as the tables' owner; a role crm_app would part them.")
    return Urls(app=app, owner=owner, read=read), notes


def _roles_as_allowed(cursor: "psycopg2.extensions.cursor") -> None:
    cursor.execute("SELECT rolsuper, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    superuser, may_create = cursor.fetchone() or (False, False)
    if not may_create:
        return
    make_roles(cursor, roles=(APP, READ), login=False)
    if not superuser:
        for role in (APP, READ):
            with suppress(psycopg2.errors.InsufficientPrivilege):  # from 16 on, only with ADMIN on the role
                cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))


def _as_role(cursor: "psycopg2.extensions.cursor", *, url: str, owner: str, role: str) -> str:
    """The URL itself when it is a login of its own; else the same login working as the role, if it may."""
    login = urlsplit(url).username or ""
    if login == role or (url != owner and login != (urlsplit(owner).username or "")):
        return url
    cursor.execute("SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = %s", [role])
    member = cursor.fetchone()
    return with_options(url, role=role, **TIMEOUTS) if member and member[0] else url


def with_options(url: str, **settings: str) -> str:
    """The URL with libpq `options` that set each of these at connection time."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    flags = " ".join(f"-c {name}={value}" for name, value in settings.items())
    query["options"] = f"{query.get('options', '')} {flags}".strip()
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote, safe="/")))
