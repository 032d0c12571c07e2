"""Make `.venv`, install requirements.txt into it and go on in there. Standard library only.

It must load on any Python 3, so that an old one gets a sentence instead of a traceback: no syntax or
annotations newer than 3.6 here. `CRM_NO_VENV=1` switches it off (an image with everything installed).
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".stamp"
OLDEST = (3, 11)


def ensure() -> None:
    """Return inside the right interpreter with everything installed, else leave with a sentence."""
    if os.environ.get("CRM_NO_VENV"):
        return
    if sys.version_info < OLDEST:
        _leave(
            "This project needs Python 3.11 or newer; this is {}.{}. "
            "Start it with a newer one, for example: python3.12 manage.py up".format(*sys.version_info[:2])
        )
    if os.name != "posix":
        _leave("Windows isn't supported directly. Use WSL, then: python3 manage.py up")
    if not _ready():
        _prepare()
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(str(PYTHON), [str(PYTHON), str(ROOT / "manage.py")] + sys.argv[1:])


def digest() -> str:
    """What the environment was made from; a different one means: install again."""
    return hashlib.sha256((ROOT / "requirements.txt").read_bytes()).hexdigest()


def _ready() -> bool:
    try:
        return STAMP.read_text().strip() == digest() and PYTHON.exists()
    except OSError:
        return False


def _prepare() -> None:
    import fcntl

    with open(str(ROOT / ".venv.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two first starts at once: one installs, the other waits
        if _ready():
            return
        _say("Preparing .venv (first time, or requirements.txt changed); this takes about a minute.")
        if not _usable():
            _make_venv()
        _install()
        STAMP.write_text(digest() + "\n")


def _usable() -> bool:
    """A Python that is new enough and a way to install into it: anything less is made anew."""
    probe = f"import sys; sys.exit(0 if sys.version_info >= {OLDEST!r} else 1)"
    return PYTHON.exists() and _quiet([str(PYTHON), "-c", probe]) and (bool(_uv()) or _has_pip())


def _has_pip() -> bool:
    return _quiet([str(PYTHON), "-m", "pip", "--version"])


def _uv() -> str:
    inside = VENV / "bin" / "uv"
    return str(inside) if inside.exists() else (shutil.which("uv") or "")


def _make_venv() -> None:
    if _quiet([sys.executable, "-c", "import venv, ensurepip"]):
        made = _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    elif shutil.which("uv"):
        made = _run(["uv", "venv", "--clear", "--python", sys.executable, str(VENV)])
    else:
        _leave(
            "This Python can't make virtual environments: the venv or ensurepip module is missing.\n"
            "On Debian or Ubuntu: sudo apt-get install python3-venv. Then start the same command again."
        )
    if not made:
        _leave("The folder .venv could not be made; the lines above say why.")


def _install() -> None:
    """With uv (seconds), else with pip (minutes). Both check the hashes in requirements.txt."""
    if not _uv() and not _run([str(PYTHON), "-m", "pip", "install", "--quiet", "uv"]):
        _say("uv could not be installed; going on with pip, which takes a few minutes.")
    requirements = str(ROOT / "requirements.txt")
    if _uv() and _run([_uv(), "pip", "install", "--quiet", "--python", str(PYTHON), "-r", requirements]):
        return
    if _has_pip() and _run([str(PYTHON), "-m", "pip", "install", "--quiet", "-r", requirements]):
        return
    _leave("The packages could not be installed; the lines above say why. Nothing else was changed.")


def _quiet(command: "list[str]") -> bool:
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def _run(command: "list[str]") -> bool:
    return subprocess.call(command, stdout=sys.stderr) == 0


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _leave(text: str) -> None:
    _say(text)
    sys.exit(1)
