"""Identifiers that sort by time, and references that can be read aloud."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from unittest import mock
from uuid import RFC_4122

import pytest

from core.ids import reference, uuid7


def test_identifiers_rise_strictly_and_name_their_version() -> None:
    made = [uuid7() for _ in range(5_000)]

    assert made == sorted(set(made))
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {RFC_4122}


def test_a_clock_set_back_does_not_turn_the_order_around() -> None:
    before = uuid7()
    with mock.patch("core.ids.time.time_ns", return_value=1_000_000):
        after = uuid7()

    assert after > before


def test_the_first_bits_are_the_milliseconds() -> None:
    with mock.patch("core.ids.time.time_ns", return_value=4_102_444_800_123 * 1_000_000):
        made = uuid7()
    from core import ids

    ids._last.forget()  # the future would hold back the identifiers of other tests
    assert made.int >> 80 == 4_102_444_800_123


def test_threads_get_different_identifiers() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: uuid7(), range(4_000)))

    assert len(set(made)) == 4_000


def test_a_forked_child_does_not_repeat_its_parent() -> None:
    uuid7()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"".join(uuid7().bytes for _ in range(200)))
        os._exit(0)
    ours = {uuid7().bytes for _ in range(200)}
    os.waitpid(child, 0)
    theirs = os.read(reading, 16 * 200)

    assert len(theirs) == 16 * 200
    assert not ours & {theirs[at : at + 16] for at in range(0, len(theirs), 16)}


def test_a_child_forked_while_a_thread_is_counting_does_not_wait_for_it() -> None:
    from core import ids

    with ids._last.lock:
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            uuid7()
            os._exit(0)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0


def test_a_reference_is_a_prefix_and_a_number() -> None:
    assert reference("P", 204817) == "P-204817"
    for prefix, number in (("p", 1), ("", 1), ("P", 0), ("P-", 1)):
        with pytest.raises(ValueError, match="prefix of capital letters"):
            reference(prefix, number)
