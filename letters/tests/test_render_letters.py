"""What is printed, mailed and texted, from the same words."""

import hashlib
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings

from letters import content, merge_fields
from letters.render import (
    Letterhead,
    PostLetter,
    RenderError,
    check_spoken,
    check_template,
    preview_png,
    render,
    render_batch,
    spoken,
)
from letters.render.sms import segments

AT = datetime(2026, 11, 17, 15, tzinfo=UTC)
HEAD = Letterhead(
    name="Larkfield Recovery, Inc.",
    address="400 Elm Street, Dallas, TX 75202",
    phone="(214) 555-0100",
    licence_lines=("Bond 20240117.",),
    logo=b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4" width="4" '
    b'height="4"><rect width="4" height="4" fill="#14463f"/></svg>',
)
SHIPPED = content.templates()


def _letter(**changes: Any) -> Any:
    whole: dict[str, Any] = {
        "channel": "post",
        "subject": "About your debt",
        "body": "Dear {{ person.name }},\n\nHello.\n\n---\n\nFoot.",
        "context": merge_fields.sample_context(),
        "lang": "en",
        "letterhead": HEAD,
        "timestamp": AT,
    }
    return render(**(whole | changes))


def _batch(*names: str, body: str = "Dear {{ person.name }},\n\nHello.") -> list[PostLetter]:
    sample = merge_fields.sample_context()
    return [
        PostLetter(key=str(at), subject="S", body=body, context=sample | {"person": sample["person"] | {"name": name}})
        for at, name in enumerate(names)
    ]


@pytest.mark.parametrize("shipped", SHIPPED, ids=[f"{t.slug}-{t.channel}-{t.lang}" for t in SHIPPED])
def test_every_shipped_template_may_be_saved_and_fits_one_page(shipped: content.ShippedTemplate) -> None:
    found = check_template(
        shipped.body, subject=shipped.subject, channel=shipped.channel, kind=shipped.kind, lang=shipped.lang
    )
    assert found == []
    if shipped.kind == "validation_notice":
        return

    made = _letter(
        channel=shipped.channel,
        subject=shipped.subject,
        body=shipped.body,
        lang=shipped.lang,
        context=merge_fields.sample_context(shipped.lang),
    )

    assert made.pages <= 1 and made.segments <= 3
    assert "Marisol" in made.text or shipped.channel == "sms"
    if shipped.kind == "stop_confirmation":
        assert made.tokens == frozenset(), "it may say nothing but the confirmation"
        return
    assert {"initial_disclosure", "subsequent_disclosure"} & made.tokens
    assert shipped.channel == "post" or "STOP" in made.text


def test_every_template_exists_in_english_and_spanish() -> None:
    english = {(t.slug, t.channel) for t in SHIPPED if t.lang == "en"}

    assert english == {(t.slug, t.channel) for t in SHIPPED if t.lang == "es"}
    assert {t.slug for t in SHIPPED} >= set(merge_fields.KINDS) - {"script", "general"}


def test_every_script_leads_somewhere_and_reads_the_disclosure_before_the_debt() -> None:
    for script in content.scripts():
        keys = {step.key for step in script.steps}
        for step in script.steps:
            assert step.branches and all(bool(b.next) != bool(b.outcome) for b in step.branches), step.key
            assert {b.next for b in step.branches if b.next} <= keys
            assert len({b.key for b in step.branches}) == len(step.branches)
            assert [check_spoken(say) for say in step.say.values()] == [[], []]
        order = [step.key for step in script.steps]
        telling = [step.key for step in script.steps if "debt." in step.say["en"]]
        if telling:
            assert script.step("disclosure").must_read and script.step("identity").facts_required
            assert order.index("disclosure") < min(order.index(key) for key in telling)


def test_a_voicemail_and_a_location_call_say_nothing_of_a_debt() -> None:
    for script in content.scripts():
        if script.slug in ("voicemail", "third_party"):
            said = " ".join(say for step in script.steps for say in step.say.values()).lower()
            assert not any(word in said for word in ("debt", "deuda", "collect", "cobr", "legal.", "firm.name"))


def test_a_script_shows_values_apart_and_names_what_is_missing() -> None:
    say = "You planned {{ promise.amount }}, {{ person.first_name }}."

    said = spoken(say=say, context={"promise": {"amount": "$60.00"}})

    assert [(piece.text, piece.is_field) for piece in said] == [
        ("You planned ", False),
        ("$60.00", True),
        (", ", False),
        ("[first name]", True),
        (".", False),
    ]


def test_the_same_letter_has_the_same_bytes_in_another_process() -> None:
    first = _letter()
    code = "from letters.tests.test_render_letters import _letter; print(_letter().sha256)"
    other = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {code}"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert other.stdout.strip() == first.sha256 == hashlib.sha256(first.pdf).hexdigest()
    assert _letter(timestamp=AT.replace(hour=16)).sha256 != first.sha256


def test_a_letter_says_that_it_is_accessible_and_archivable() -> None:
    pdf = _letter().pdf

    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf and b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf


def test_a_letter_without_an_address_is_not_printed() -> None:
    with pytest.raises(RenderError, match="no postal address"):
        _letter(context={"person": {"name": "Dana Reyes"}})


def test_a_character_no_font_has_is_named_instead_of_printed_as_a_box() -> None:
    context = merge_fields.sample_context()
    context["person"]["name"] = "Dana 王"

    with pytest.raises(RenderError, match="王"):
        _letter(context=context)
    with pytest.raises(RenderError, match="王"):
        preview_png(subject="S", body="Hi", context=context, lang="en", letterhead=HEAD)


def test_a_preview_is_a_picture_of_each_page() -> None:
    pictures = preview_png(
        subject="S", body="Hello\n\n" * 50, context=merge_fields.sample_context(), lang="en", letterhead=HEAD
    )

    assert len(pictures) == 2 and all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_a_batch_is_one_file_that_says_where_each_letter_stands() -> None:
    long = PostLetter(key="long", subject="S", body="Hello\n\n" * 50, context=merge_fields.sample_context())
    letters = _batch("Dana Reyes", "Gus Reyes")

    batch = render_batch(letters=[letters[0], long, letters[1]], letterhead=HEAD, timestamp=AT)

    assert [(p.key, p.first_page, p.last_page) for p in batch.letters] == [("0", 1, 1), ("long", 2, 3), ("1", 4, 4)]
    assert batch.refused == {} and batch.sha256 == hashlib.sha256(batch.pdf).hexdigest()


def test_one_bad_letter_is_left_out_of_a_batch_and_named() -> None:
    letters = _batch("Dana Reyes", "", "Gus 王", "Gus Reyes")

    batch = render_batch(letters=letters, letterhead=HEAD, timestamp=AT)

    assert [(p.key, p.first_page, p.last_page) for p in batch.letters] == [("0", 1, 1), ("3", 2, 2)]
    assert sorted(batch.refused) == ["1", "2"] and "王" in str(batch.refused["2"])


def test_an_email_is_clean_html_with_a_plain_text_beside_it() -> None:
    mail = _letter(channel="email", body="Hi **{{ person.name }}**\n\n<script>x</script>\n\n[pay](https://a.example)")

    assert "<script" not in mail.html and "<strong>Marisol Vega-Ortiz</strong>" in mail.html
    assert 'href="https://a.example"' in mail.html and "pay (https://a.example)" in mail.text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("é" * 160, 1),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
    ],
)
def test_texts_are_counted_as_the_phone_company_does(text: str, count: int) -> None:
    assert segments(text) == count
