"""Class-S personal data at rest: AES-256-GCM bound to its row, and a keyed blind index to look it up.

Keys come from the environment (CRM_FIELD_KEYS, CRM_INDEX_KEY). The first key writes, all of them
read, so a key is rotated by putting a new one in front and rewriting rows at leisure
(NIST SP 800-38D; RELIABILITY 37).
"""

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Unreadable(Exception):
    """The value was written with a key we don't have, for another row, or was altered."""


@lru_cache(maxsize=4)
def _keys(configured: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for part in filter(None, configured.split(",")):
        name, _, encoded = part.partition(":")
        raw = base64.b64decode(encoded)
        if len(raw) != 32:
            raise ImproperlyConfigured("Each key in CRM_FIELD_KEYS must be 32 bytes, base64.")
        keys[name.strip()] = raw
    if not keys:
        raise ImproperlyConfigured("CRM_FIELD_KEYS is empty: personal data can't be stored.")
    return keys


def encrypt(value: str, *, row: str) -> str:
    """`row` names table, column and row id; the text can be decrypted only for that place."""
    keys = _keys(settings.CRM_FIELD_KEYS)
    name = next(iter(keys))
    nonce = os.urandom(12)
    sealed = AESGCM(keys[name]).encrypt(nonce, value.encode(), row.encode())
    return f"{name}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, *, row: str) -> str:
    """The clear value. Raises Unreadable."""
    name, _, encoded = stored.partition(":")
    key = _keys(settings.CRM_FIELD_KEYS).get(name)
    if key is None:
        raise Unreadable("The key of this value is not configured.")
    raw = base64.b64decode(encoded)
    try:
        return AESGCM(key).decrypt(raw[:12], raw[12:], row.encode()).decode()
    except Exception as error:
        raise Unreadable("The value does not belong to this row or was altered.") from error


def blind_index(value: str) -> str:
    """HMAC-SHA256 of the normalised value, 64 hex digits: equal values can be found, none can be read back."""
    if not settings.CRM_INDEX_KEY:
        raise ImproperlyConfigured("CRM_INDEX_KEY is empty: personal data can't be indexed.")
    key = base64.b64decode(settings.CRM_INDEX_KEY)
    normalised = "".join(filter(str.isalnum, value.upper()))
    return hmac.new(key, normalised.encode(), hashlib.sha256).hexdigest()
