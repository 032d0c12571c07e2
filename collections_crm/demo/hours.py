"""When people may be reached and when officers work: the contact hours of every zone, and free minutes."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from core.dates import legal_holidays

OFFICE = ZoneInfo("America/Chicago")
OPEN, CLOSE = time(8, 5), time(20, 50)  # within 8 AM to 9 PM (12 CFR 1006.6(b)(1)(i)), with a margin
SHIFT = time(8, 0), time(18, 0)
STEP = 7  # minutes a call and its wrap-up take
DAY = timedelta(days=1)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of office time, in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=OFFICE).astimezone(UTC)


@lru_cache(maxsize=200_000)
def window(zones: tuple[str, ...], day: date, late: bool = False) -> tuple[datetime, datetime]:
    """The UTC span in which every zone is inside the contact hours that day; empty when end <= start.

    late: not before noon, for those who asked for that.
    """
    opens = time(12, 5) if late else OPEN
    starts = [datetime.combine(day, opens, ZoneInfo(zone)).astimezone(UTC) for zone in zones]
    ends = [datetime.combine(day, CLOSE, ZoneInfo(zone)).astimezone(UTC) for zone in zones]
    return max(starts), min(ends)


def is_workday(day: date) -> bool:
    """Monday to Friday without the legal holidays."""
    return day.weekday() < 5 and day not in legal_holidays(day.year)


def next_workday(day: date) -> date:
    """The day itself or the first workday after it."""
    while not is_workday(day):
        day += DAY
    return day


class Diary:
    """Which minutes of which officer are taken, so that nobody is on two calls at once."""

    def __init__(self) -> None:
        self._taken: dict[tuple[int, int], set[int]] = {}

    def take(self, officer: int, moment: datetime) -> None:
        """This officer was on a call then."""
        day = moment.astimezone(OFFICE).date()
        minutes = (moment - _shift(day)[0]) // timedelta(minutes=STEP)
        self._taken.setdefault((officer, day.toordinal()), set()).add(minutes)

    def slot(self, rng: Random, officer: int, day: date, start: datetime, end: datetime) -> datetime | None:
        """A free moment of the officer's shift within [start, end); None when there is no such minute.

        An officer whose day is full is given a taken minute: only demos beyond their staff come to that.
        """
        opens, closes = max(start, _shift(day)[0]), min(end, _shift(day)[1])
        first = -((_shift(day)[0] - opens) // timedelta(minutes=STEP))
        count = (closes - _shift(day)[0]) // timedelta(minutes=STEP) - first
        if count <= 0:
            return None
        taken = self._taken.setdefault((officer, day.toordinal()), set())
        number = first + rng.randrange(count)
        for _ in range(count):
            if number not in taken:
                break
            number = first + (number - first + 1) % count
        taken.add(number)
        return _shift(day)[0] + timedelta(minutes=STEP * number, seconds=rng.randrange(50))


@lru_cache(maxsize=2000)
def _shift(day: date) -> tuple[datetime, datetime]:
    return local(day, SHIFT[0].hour), local(day, SHIFT[1].hour)
