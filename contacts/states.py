"""Dispute states and how they look."""

from .models import Dispute

DISPUTE: dict[str, frozenset[str]] = {
    Dispute.State.OPEN: frozenset({Dispute.State.ANSWERED, Dispute.State.WITHDRAWN}),
    Dispute.State.ANSWERED: frozenset(),
    Dispute.State.WITHDRAWN: frozenset(),
}
COLOURS = {Dispute.State.OPEN: "stop", Dispute.State.ANSWERED: "ok", Dispute.State.WITHDRAWN: "plain"}
