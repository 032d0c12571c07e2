"""Workers of placement files: claim, check or load, give back what failed."""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import ImportFile
from accounts.services import imports
from accounts.services.checking import check
from accounts.services.loading import load
from core import clock, work

log = logging.getLogger(__name__)
Act = Callable[..., bool]


def work_imports(*, at: datetime, rows: QuerySet[ImportFile] | None = None) -> dict[str, int]:
    """Check and load every file that waits, one after another; `rows` narrows. Returns how many of each ended."""
    counts = {"checked": 0, "loaded": 0, "failed": 0}
    for kind, act, name in ((imports.CHECK, check, "checked"), (imports.LOAD, load, "loaded")):
        while claimed := work.claim(kind, at=max(at, clock.now()), limit=1, rows=rows):
            _one(kind, act, claimed[0], name, counts)
    return counts


def _where(error: BaseException) -> str:
    """File and line of the innermost frame of ours; never the text of the error."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""


def _one(kind: work.WorkKind, act: Act, row: Any, name: str, counts: dict[str, int]) -> None:
    now = clock.now()
    try:
        counts[name] += act(row, at=now)
    except Exception as error:
        # The text of a database error may hold a person's data (RELIABILITY 38): keep the kind only.
        log.error("import failed", extra={"row": row.pk, "error": type(error).__name__, "where": _where(error)})
        words = f"The work stopped with {type(error).__name__}; it will be tried again."
        work.retry(kind, row=row, at=now, error=words, dead=imports.State.FAULTED)
        counts["failed"] += 1
