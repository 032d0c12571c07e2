"""An e-mail as HTML and as text."""

from __future__ import annotations

import html

from letters.render.letterhead import Letterhead
from letters.render.markdown_tree import Tree, to_html, to_text


def html_page(tree: Tree, title: str, lang: str, letterhead: Letterhead) -> str:
    """The whole page: our own frame around the sanitised body; the only styles are ours."""
    name, address = html.escape(letterhead.name), html.escape(letterhead.address)
    contact = html.escape(", ".join(part for part in (letterhead.phone, letterhead.hours) if part))
    licences = "".join(f"<br>{html.escape(line)}" for line in letterhead.licence_lines)
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{html.escape(title)}</title></head>'
        '<body style="margin:0;padding:24px 16px;background:#f4f2ee;color:#1b2426;'
        "font:16px/1.5 'Source Sans 3','Segoe UI',Arial,sans-serif\">"
        '<div style="max-width:600px;margin:0 auto;background:#fff;padding:24px 28px;border-top:4px solid #14463f">'
        f'<p style="margin:0 0 20px;font-weight:600;color:#14463f">{name}</p>{to_html(tree)}'
        f'<p style="margin:24px 0 0;padding-top:12px;border-top:1px solid #ccc;font-size:13px;color:#4d5a5c">'
        f"{name}<br>{address}<br>{contact}{licences}</p></div></body></html>"
    )


def plain_page(tree: Tree, letterhead: Letterhead) -> str:
    """The text alternative, signed with who we are and how to reach us."""
    contact = ", ".join(part for part in (letterhead.phone, letterhead.hours) if part)
    lines = [letterhead.name, letterhead.address, contact, *letterhead.licence_lines]
    return to_text(tree) + "\n\n" + "\n".join(line for line in lines if line) + "\n"
