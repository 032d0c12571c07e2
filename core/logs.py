"""JSON log lines from an allow-list of keys: ids, never names, numbers or balances (RELIABILITY 38)."""

import json
import logging

from .requestfacts import request_facts

_KEYS = (
    "row",
    "table",
    "task",
    "job",
    "import",
    "run",
    "message",
    "counts",
    "status",
    "code",
    "seconds",
    "pid",
)


class JsonFormatter(logging.Formatter):
    """One line per record. Exceptions give their type and place, not their text: texts may carry data."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.msg if isinstance(record.msg, str) and not record.args else record.getMessage()[:200],
        }
        facts = request_facts.get()
        if facts:
            line["request_id"] = facts.get("request_id")
        line.update({key: getattr(record, key) for key in _KEYS if hasattr(record, key)})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = _places(record)
        return json.dumps(line, default=str)


def _places(record: logging.LogRecord) -> list[str]:
    places: list[str] = []
    trace = record.exc_info[2] if record.exc_info else None
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 3)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-8:]
