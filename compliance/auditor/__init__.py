"""The auditor: every act of a day judged again from raw rows, apart from how the live path gathers its facts.

It reads the tables itself (`raw`), writes each act as a case in the shape of the compliance vectors (`case`)
and lets the engine judge it (`judge`): by what was known then and by what is known now.
"""

from .judge import Report, audit_day, audit_period

__all__ = ["Report", "audit_day", "audit_period"]
