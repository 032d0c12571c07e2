"""Days on which a debt bears no interest. Who knows them registers here: compliance and payments are above accounts."""

from collections.abc import Callable, Iterable

from accounts.models import Account
from core.dates import Period

_sources: list[Callable[[Account], Iterable[Period]]] = []


def register(source: Callable[[Account], Iterable[Period]]) -> None:
    """Ask this function too, from now on. Registering it twice changes nothing."""
    if source not in _sources:
        _sources.append(source)


def without_interest(account: Account) -> tuple[Period, ...]:
    """The periods in which this debt bears no interest, in no order; they may overlap."""
    return tuple(period for source in _sources for period in source(account))
