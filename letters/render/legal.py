"""The sentences the law asks for, by language: templates carry them as `legal.…` fields, so that what a
message carries can be read off its source. Words of 12 CFR 1006.18(e) and 1006.6(e); the Spanish ones follow
the Bureau's Spanish forms and are to be read by counsel before first use.
"""

from __future__ import annotations

from typing import Any

INITIAL = {
    "en": "{firm} is a debt collector. This is an attempt to collect a debt and any information obtained will be "
    "used for that purpose.",
    "es": "{firm} es un cobrador de deudas. Este es un intento de cobrar una deuda y toda información obtenida se "
    "usará para ese propósito.",
}
SUBSEQUENT = {
    "en": "This communication is from a debt collector.",
    "es": "Esta comunicación es de un cobrador de deudas.",
}
SUBSEQUENT_SHORT = {"en": "This is from a debt collector.", "es": "Mensaje de un cobrador de deudas."}
OPT_OUT = {
    ("EMAIL", "en"): "To stop e-mails from us to this address, reply with the word STOP.",
    ("EMAIL", "es"): "Para no recibir más correos nuestros en esta dirección, responda con la palabra STOP.",
    ("SMS", "en"): "Reply STOP to opt out.",
    ("SMS", "es"): "Responda STOP para no recibir textos.",
}
TOKENS = {
    "legal.initial_disclosure": "initial_disclosure",
    "legal.subsequent_disclosure": "subsequent_disclosure",
    "legal.opt_out_instructions": "opt_out_instructions",
}


def with_legal_texts(context: dict[str, Any], *, channel: str, lang: str) -> dict[str, Any]:
    """The complete context with its `legal` group filled for the channel and language (en, es)."""
    firm = context["firm"]["name"] or context["firm"]["short_name"]
    legal = dict(context["legal"])
    legal["initial_disclosure"] = INITIAL[lang].format(firm=firm) if firm else ""
    legal["subsequent_disclosure"] = (SUBSEQUENT_SHORT if channel == "SMS" else SUBSEQUENT)[lang]
    legal["opt_out_instructions"] = OPT_OUT.get((channel, lang), "")
    return context | {"legal": legal}
