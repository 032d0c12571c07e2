"""Rows for COPY: one sheet a table, columns with values, the others with the model's defaults."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.db import connection, models
from django.db.models import Max


class Sheet:
    """Collects rows of one model and writes them by COPY. Ids come from the table's own sequence."""

    def __init__(self, model: type[models.Model], *columns: str) -> None:
        self.model = model
        self.table = model._meta.db_table
        self.columns = list(columns)
        self._constants = self._defaults(set(columns))
        self._buffer = io.StringIO()
        self._write = csv.writer(self._buffer, lineterminator="\n").writerow
        self.rows = 0
        self._sequence = self._own_sequence()
        self._id = self._last_id() if self._sequence else 0
        self._start = self._id

    def _defaults(self, given: set[str]) -> list[str]:
        """Text of the default of each column that rows do not carry, in the order of `extra`."""
        texts: list[str] = []
        self.extra: list[str] = []
        names = {field.column for field in self.model._meta.concrete_fields}
        if unknown := given - names:
            raise ValueError(f"{self.table} has no {', '.join(sorted(unknown))}")
        for field in self.model._meta.concrete_fields:
            if field.column in given:
                continue
            value = field.get_default()
            if value is None:
                continue
            if isinstance(value, (dict, list)):
                value = "{}" if isinstance(value, dict) or hasattr(field, "base_field") else "[]"
            self.extra.append(str(field.column))
            texts.append(str(value))
        return texts

    def _own_sequence(self) -> str | None:
        pk = self.model._meta.pk
        if not isinstance(pk, models.AutoField | models.BigAutoField):
            return None
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [self.table, pk.column])
            row = cursor.fetchone()
        return None if row is None else str(row[0])

    def _last_id(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {self._sequence}")
            row = cursor.fetchone()
        highest = self.model._default_manager.aggregate(highest=Max("pk"))["highest"] or 0
        return max(int(row[0]), int(highest)) if row else int(highest)

    def new_id(self) -> int:
        """The next id of this table."""
        self._id += 1
        return self._id

    def add(self, *values: Any) -> None:
        """One row; values in the order of the columns. None is NULL (never in a text column)."""
        self._write([*values, *self._constants])
        self.rows += 1

    def flush(self) -> int:
        """Write what was collected and move the sequence on; returns how many rows."""
        count = self.rows
        if count:
            columns = [*self.columns, *self.extra]
            quoted = ", ".join(f'"{column}"' for column in columns)
            strict = ", ".join(f'"{column}"' for column in self._not_null(columns))
            force = f", FORCE_NOT_NULL ({strict})" if strict else ""
            self._buffer.seek(0)
            with connection.cursor() as cursor:
                cursor.copy_expert(f'COPY "{self.table}" ({quoted}) FROM STDIN (FORMAT csv{force})', self._buffer)
                if self._sequence and self._id > self._start:
                    cursor.execute("SELECT setval(%s, %s)", [self._sequence, self._id])
            self._start = self._id
        self._buffer.seek(0)
        self._buffer.truncate()
        self.rows = 0
        return count

    def _not_null(self, columns: Iterable[str]) -> list[str]:
        wanted = set(columns)
        fields = self.model._meta.concrete_fields
        texts = (models.CharField, models.TextField)
        return [f.column for f in fields if f.column in wanted and not f.null and isinstance(f, texts)]


def array(items: Iterable[Any]) -> str:
    """A PostgreSQL array of numbers or of words without commas, quotes or braces."""
    return "{" + ",".join(str(item) for item in items) + "}"
