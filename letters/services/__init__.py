"""Writes about messages and templates. Nothing else calls a channel: compliance is asked here, in that moment."""

from .answering import plan_answers
from .choosing import Choice, Preview, allowed_templates, picture, preview, send_chosen
from .deciding import DecisionRefused, decide_unknown, send_again, send_failed_again
from .incoming import take, take_in
from .leasing import expire
from .mailing import Mailing, mail, mailing, something_to_say, take_back
from .queueing import Plan, cancel_for, drop_gone, queue, queue_many
from .sending import is_due, send_due, workers_busy
from .templating import TemplateRefused, problems, put_live, save_version

__all__ = [
    "Choice",
    "DecisionRefused",
    "Mailing",
    "Plan",
    "Preview",
    "TemplateRefused",
    "allowed_templates",
    "cancel_for",
    "decide_unknown",
    "drop_gone",
    "expire",
    "is_due",
    "mail",
    "mailing",
    "picture",
    "plan_answers",
    "preview",
    "problems",
    "put_live",
    "queue",
    "queue_many",
    "save_version",
    "send_again",
    "send_chosen",
    "send_due",
    "send_failed_again",
    "something_to_say",
    "take",
    "take_back",
    "take_in",
    "workers_busy",
]
