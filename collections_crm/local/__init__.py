"""The servers and processes of one machine: what `manage.py up` and `manage.py test` start and stop.

Nothing in here is needed by a hosted installation, which sets the same environment variables itself.
"""
