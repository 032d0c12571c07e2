"""What a rude hand may type into a form, and how a page shows that it minded."""

import re
from typing import Any

MARK = "<qa-mark onclick=alert(1)>"
PRODUCT = "55426631"  # 7001 * 7919 - 13, which no page shows unless a template was evaluated
NASTY = {
    "empty": "",
    "blanks": "   ",
    "NUL": "10\0.00",
    "control": "\x1b[31m\x07",
    "bidi": "\u202e00.01$ \u2066abc",
    "lone surrogate": "\ud800abc",
    "four-byte": "𝔇𝔞𝔫𝔞 😀",
    "zalgo": "D" + "\u0335\u0321" * 200,
    "one megabyte": "a" * 1_000_000,
    "arabic digits": "١٢٣",
    "superscript": "²",
    "full-width digits": "１００.００",
    "negative": "-1",
    "zero": "0",
    "too fine": "0.001",
    "exponent": "1e308",
    "not a number": "NaN",
    "infinity": "Infinity",
    "comma": "1,000",
    "enormous": "9" * 40,
    "beyond bigint": "9223372036854775808",
    "no such day": "2026-02-30",
    "year 0": "0000-01-01",
    "year 9999": "9999-12-31",
    "year 1": "0001-01-01",
    "far moment": "9999-12-31T23:59+23:59",
    "markup": f"\"'>{MARK}</textarea></script>",
    "template": "{{ 7001|add:7919 }}{% now 'Y' %}${7001*7919-13}{{7001*7919-13}}",
    "formula": "=1+1",
    "at sign": "@SUM(A1)",
    "path": "../../../../etc/passwd",
    "sql": "1' OR '1'='1'; --",
    "json": '{"$ne": null}',
    "lookups": "id__gt",
    "list like": "[1, 2]",
    "true": "true",
}


def complaint(answer: Any, payload: str) -> str:
    """What is wrong with an answer to a nasty payload, or nothing."""
    if answer.status_code >= 500:
        return f"{answer.status_code} {error(answer)}"
    if "/login/" in answer.get("Location", ""):
        return "signed out"
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode("utf-8", "replace")
    if MARK in text:
        return f"{answer.status_code} echoes markup"
    if PRODUCT in text or "14920" in text and "7001|add" not in text and "7001" in payload:
        return f"{answer.status_code} evaluates a template"
    if re.search(r"Traceback|psycopg2|DataError|IntegrityError|invalid input syntax|DETAIL:", text):
        return f"{answer.status_code} leaks the inside"
    if "qa-mark" in " ".join(f"{k}: {v}" for k, v in answer.items() if "<qa-mark" in v):
        return f"{answer.status_code} echoes markup in a header"
    return ""


def error(answer: Any) -> str:
    kind, value, trace = getattr(answer, "exc_info", None) or (None, None, None)
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"{getattr(kind, '__name__', '')}: {str(value)[:160]}{place}"
