"""Class-S values: sealed to their row, found by a blind index, readable after a key change."""

from base64 import b64encode
from typing import Any

import pytest

from accounts.models import Debtor, Identifier
from core import crypto

KEY1, KEY2 = b64encode(b"1" * 32).decode(), b64encode(b"2" * 32).decode()


@pytest.fixture(autouse=True)
def keys(settings: Any) -> None:
    settings.CRM_FIELD_KEYS = f"k1:{KEY1}"
    settings.CRM_INDEX_KEY = KEY1


def test_a_value_comes_back_for_its_own_row_only() -> None:
    sealed = crypto.encrypt("900-12-3456", row="t:c:1")

    assert "900" not in sealed
    assert crypto.decrypt(sealed, row="t:c:1") == "900-12-3456"
    with pytest.raises(crypto.Unreadable):
        crypto.decrypt(sealed, row="t:c:2")


def test_after_a_key_change_old_values_are_read_and_new_ones_use_the_new_key(settings: Any) -> None:
    old = crypto.encrypt("900-12-3456", row="r")
    settings.CRM_FIELD_KEYS = f"k2:{KEY2},k1:{KEY1}"

    assert crypto.decrypt(old, row="r") == "900-12-3456"
    assert crypto.encrypt("x", row="r").startswith("k2:")

    settings.CRM_FIELD_KEYS = f"k2:{KEY2}"
    with pytest.raises(crypto.Unreadable):
        crypto.decrypt(old, row="r")


def test_the_blind_index_ignores_dashes_and_depends_on_the_key(settings: Any) -> None:
    index = crypto.blind_index("900-12-3456")

    assert crypto.blind_index("900123456") == index
    settings.CRM_INDEX_KEY = KEY2
    assert crypto.blind_index("900123456") != index


@pytest.mark.django_db
def test_danas_number_is_not_in_the_table_in_clear(dana: Debtor) -> None:
    row = Identifier(debtor=dana, kind="SSN")
    row.seal("900-12-3456")
    row.save()

    stored = Identifier.objects.values().get(pk=row.pk)

    assert "900-12-3456" not in str(stored) and "900123456" not in str(stored)
    assert stored["last4"] == "3456"
    assert Identifier.objects.get(index=crypto.blind_index("900 12 3456")).reveal() == "900-12-3456"
