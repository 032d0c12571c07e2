"""Model instances from the rows of a written statement: for hot reads, where building a queryset costs most.

A statement names the columns with `columns(Model, "alias")` and gets its instances with `build(Model, part)`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


@lru_cache(maxsize=64)
def columns(model: type[models.Model], alias: str) -> str:
    """All columns of a model, in the order in which `build` takes them."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def width(model: type[models.Model]) -> int:
    """How many columns that is."""
    return len(_names(model))


def build(model: type[M], row: Sequence[Any]) -> M:
    """One instance as the ORM would have read it: nothing deferred, saved, not new."""
    values = list(row)
    for place, field, converters in _converters(model):
        for convert in converters:
            values[place] = convert(values[place], field.cached_col, connection)
    return model.from_db(None, _names(model), values)


@lru_cache(maxsize=64)
def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@lru_cache(maxsize=64)
def _converters(model: type[models.Model]) -> list[tuple[int, Any, list[Any]]]:
    found = []
    for place, field in enumerate(model._meta.concrete_fields):
        converters = field.get_db_converters(connection)
        if converters:
            found.append((place, field, converters))
    return found
