"""Failures that a person can do something about."""


class Trouble(Exception):
    """Its text is a sentence for whoever typed the command; no traceback is shown."""
