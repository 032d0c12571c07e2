"""Triggers that several apps put on their tables."""

import pgtrigger

_TRUNCATE = (
    "IF current_setting('crm.test', true) = 'on' THEN RETURN NULL; END IF; "
    "RAISE EXCEPTION 'pgtrigger: % is append-only', TG_TABLE_NAME;"
)


def append_only() -> list[pgtrigger.Trigger]:
    """No UPDATE, DELETE or TRUNCATE. The test database may truncate (its connection says crm.test=on)."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="no_truncate",
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            level=pgtrigger.Statement,
            func=_TRUNCATE,
        ),
    ]
