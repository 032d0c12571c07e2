"""Facts about the present request for audit and logs: its id and address. None outside a request."""

from contextvars import ContextVar
from typing import Any

request_facts: ContextVar[dict[str, Any] | None] = ContextVar("request_facts", default=None)
