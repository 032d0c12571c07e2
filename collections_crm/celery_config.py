"""What Celery takes from the environment."""

import environ

broker_url = environ.Env().str("CELERY_BROKER_URL", default="memory://")
