"""Codes of an authenticator: RFC 6238 with SHA-1, six digits, thirty seconds, as every authenticator knows it. Pure."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp
import segno

SECONDS = 30
DRIFT = 1  # steps early or late that are still taken


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step whose code this is, at most one early or late; None for a wrong code."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // SECONDS
    steps = range(now - DRIFT, now + DRIFT + 1)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)), None)


def address(secret: str, *, name: str, issuer: str) -> str:
    """The otpauth address that an authenticator reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def picture(text: str) -> str:
    """The text as a QR code: SVG with black on white, so that a camera reads it on a dark screen too."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True)


def spaced(secret: str) -> str:
    """The secret in groups of four, to be typed."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
