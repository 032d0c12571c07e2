"""Who works here: two teams, the cast with log-ins, and colleagues who only appear in the history."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils.text import slugify

from users.models import Team, User

from .words import split as words

# username, name, roles, teams, languages
CAST: tuple[tuple[str, str, list[str], list[str], list[str]], ...] = (
    ("olive", "Olive Marsh", ["officer"], ["North"], ["en"]),
    ("pavel", "Pavel Novak", ["officer"], ["North"], ["en", "es"]),
    ("quinn", "Quinn Abara", ["officer"], ["South"], ["en"]),
    ("lee", "Lee Sandoval", ["lead"], ["North"], ["en", "es"]),
    ("max", "Max Feldman", ["manager"], ["North", "South"], ["en"]),
    ("ada", "Ada Lindgren", ["admin"], [], ["en"]),
    ("cora", "Cora Whitfield", ["compliance"], [], ["en"]),
)
COLLEAGUES = (
    ("tess", "Tess Moreau", "North"), ("ravi", "Ravi Menon", "North"), ("hugo", "Hugo Castillo", "North"),
    ("nora", "Nora Ellis", "North"), ("ines", "Ines Duarte", "South"), ("owen", "Owen Blake", "South"),
    ("maya", "Maya Chen", "South"), ("theo", "Theo Brandt", "South"),
)  # fmt: skip
_TITLES = {
    "olive": "officer, North", "pavel": "officer, North", "quinn": "officer, South", "lee": "team lead, North",
    "max": "manager", "ada": "administrator", "cora": "compliance",
}  # fmt: skip
_WORDS = words("""
amber anchor apple april atlas autumn bacon badge basil beacon birch blanket bottle branch bronze butter cabin candle
canyon carbon castle cedar cherry cider clover cobalt comet copper coral cotton cradle crystal dolphin domino ember
falcon feather fiddle forest garden ginger glacier granite hammer harbor hazel helmet indigo island jasmine jigsaw
kettle kitten ladder lantern lemon linen magnet maple marble meadow melon mirror mosaic nickel nutmeg olive orbit
orchid otter paddle panda pebble pepper pilot planet plum pocket prairie pumpkin quartz quilt rabbit raven ribbon
river rocket saddle salmon saturn silver sparrow spruce summer sunset tablet timber topaz tulip tunnel turtle
umbrella valley velvet violin walnut willow window winter yellow zebra
""")


@dataclass(slots=True)
class Staff:
    """Teams by name, everybody by username, officers by team."""

    teams: dict[str, Team] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    officers: dict[str, list[User]] = field(default_factory=dict)

    @property
    def password_of(self) -> list[tuple[str, str]]:
        """The cast's usernames with what they are."""
        return [(name, _TITLES[name]) for name, *_ in CAST]


def make() -> Staff:
    """Teams and people; those who exist are kept as they are."""
    staff = Staff()
    for name in ("North", "South"):
        staff.teams[name], _ = Team.objects.get_or_create(slug=slugify(name), defaults={"name": name})
        staff.officers[name] = []
    for username, shown, roles, teams, languages in CAST:
        _person(staff, username, shown, roles, teams, languages)
    for username, shown, team in COLLEAGUES:
        _person(staff, username, shown, ["officer"], [team], ["en"])
    return staff


def _person(staff: Staff, username: str, shown: str, roles: list[str], teams: list[str], languages: list[str]) -> None:
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User.objects.create_user(
            username,
            None,
            display_name=shown,
            role_list=roles,
            languages=languages,
            email=f"{username}@larkfield.example.com",
            phone_extension=str(201 + len(staff.people)),
        )
        user.teams.add(*(staff.teams[team] for team in teams))
    staff.people[username] = user
    if "officer" in roles:
        staff.officers[teams[0]].append(user)


def set_passwords(staff: Staff) -> str:
    """Give the cast the password of DEMO_PASSWORD, or a made one; keep and return the text that tells it.

    The file demo_logins.txt in the data folder can be read by its owner only. Raises ValueError for a
    DEMO_PASSWORD shorter than 12 characters.
    """
    given = os.environ.get("DEMO_PASSWORD", "")
    if given and len(given) < 12:
        raise ValueError("DEMO_PASSWORD needs 12 characters or more.")
    password = given or "-".join([*(secrets.choice(_WORDS) for _ in range(4)), secrets.token_hex(3)])
    for username, *_ in CAST:
        user = staff.people[username]
        user.set_password(password)
        user.save(update_fields=["password"])
    lines = [f"Demo log-ins, all with the password  {password}"]
    lines += [f"  {username:<6} {title}" for username, title in staff.password_of]
    text = "\n".join(lines) + "\n"
    path = Path(settings.CRM_DATA) / "demo_logins.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    path.chmod(0o600)
    return text
