"""Start a child that dies with us, and stop it politely."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
NO_NAMESPACE = 97  # exit code of a child that could not leave root by a user namespace

LINUX = sys.platform.startswith("linux")
IS_ROOT = os.geteuid() == 0


def preexec(*, death_signal: int, leave_root: str = "") -> Callable[[], None]:
    """What the child does between fork and exec.

    `death_signal` reaches it when the thread that started it ends, kill -9 included (Linux only; so start
    from the main thread). `leave_root` is "" (stay who we are), "userns" (an empty user namespace: files
    stay owned by root, nothing is chmodded) or "nobody".
    """
    libc = ctypes.CDLL(None, use_errno=True) if LINUX else None
    parent = os.getpid()

    def run() -> None:
        if leave_root == "userns" and libc is not None:
            if libc.unshare(_CLONE_NEWUSER) != 0:
                os._exit(NO_NAMESPACE)
        elif leave_root == "nobody":
            nobody = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, death_signal)  # after the change of user, which clears it
            if os.getppid() != parent:
                os._exit(1)  # the parent died in between

    return run


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    death_signal: int = signal.SIGTERM,
    leave_root: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """A child in a session of its own (Ctrl-C reaches only us), writing to `log` (None: where we write)."""
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(log.open("ab")) if log else None
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if out else None,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=preexec(death_signal=death_signal, leave_root=leave_root),
        )


def stop(child: subprocess.Popen[bytes], *, ladder: Sequence[tuple[int, float]]) -> bool:
    """Send each signal and wait its seconds; then SIGKILL to the group. True when it went by itself."""
    polite = child.poll() is not None
    for number, seconds in ladder:
        if child.poll() is not None:
            break
        child.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
            polite = True
    if child.poll() is None:
        child.kill()
    kill_group(child)
    child.wait()
    return polite


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """Nothing of this child's family is left behind, orphans of a crashed master included."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def runnable_user() -> str:
    """How PostgreSQL leaves root here: "" (we aren't root), "userns" or "nobody" (CRM_LEAVE_ROOT decides)."""
    if not IS_ROOT:
        return ""
    chosen = os.environ.get("CRM_LEAVE_ROOT", "")
    if chosen:
        return chosen
    if LINUX:
        entered = preexec(death_signal=0, leave_root="userns")
        if subprocess.run(["/bin/true"], preexec_fn=entered, check=False).returncode == 0:
            return "userns"
    return "nobody"
