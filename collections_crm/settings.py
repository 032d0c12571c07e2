"""One file of settings; everything that differs between machines comes from the environment.

`manage.py up` and `manage.py test` set the environment (collections_crm/local); a hosted
installation sets the same variables itself. docs/handbook/settings.md lists them.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
PRODUCTION = env.bool("CRM_PRODUCTION", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

CRM_DATA = Path(env.str("CRM_DATA", default=str(BASE_DIR / ".data"))).resolve()
CRM_CLOCK_OFFSET = env.float("CRM_CLOCK_OFFSET", default=0.0)  # seconds; `up --clock` sets it
CRM_FIELD_KEYS = env.str("CRM_FIELD_KEYS", default="")  # "k2:base64,k1:base64": the first one writes
CRM_INDEX_KEY = env.str("CRM_INDEX_KEY", default="")
FIRST_RUN_TOKEN = env.str("CRM_FIRST_RUN_TOKEN", default="")

INSTALLED_APPS = [
    "collections_crm.apps.CrmConfig",
    "core",
    "users",
    "ledger",
    "accounts",
    "compliance",
    "contacts",
    "letters",
    "payments",
    "strategies",
    "reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "axes",
    "csp",
    "django_htmx",
    "pgtrigger",
    "rest_framework",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.RequestContextMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "users.middleware.SignedInMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "collections_crm.urls"
WSGI_APPLICATION = "collections_crm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.shell",
            ],
        },
    },
]


# Triggers ask for pgtrigger's setting at every row: when it is missing, that is an exception per row.
# Their queries run over monthly partitions: one generic plan is cheaper than planning each time.
_TRIGGER_FLAGS = "-c pgtrigger.ignore={} -c plan_cache_mode=force_generic_plan"


def _database(url: str) -> dict[str, object]:
    config: dict[str, object] = env.db_url_config(url)
    config.update(
        {
            "CONN_MAX_AGE": env.int("CRM_CONN_MAX_AGE", default=60),
            "CONN_HEALTH_CHECKS": True,
            "ATOMIC_REQUESTS": False,
        }
    )
    options = dict(config.get("OPTIONS") or {})  # type: ignore[call-overload]
    options["options"] = " ".join(
        filter(None, [str(options.get("options", "")), _TRIGGER_FLAGS, env.str("CRM_DB_OPTIONS", default="")])
    )
    config["OPTIONS"] = options
    return config


DATABASES = {"default": _database(env.str("DATABASE_URL", default="postgresql://crm_app@localhost/crm"))}

CACHES = (
    {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": env.str("CACHE_URL"),
            "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
        }
    }
    if env.str("CACHE_URL", default="")
    else {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
)

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "users.backends.SecondStepBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "users:login"
LOGIN_REDIRECT_URL = "users:home"
LOGOUT_REDIRECT_URL = "users:login"

# Throttle of sign-in lives in PostgreSQL, so that it survives the broker (RELIABILITY 28).
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "users/locked.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.errors.csrf_failure"
if PRODUCTION:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 86400
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
IMPORT_MAX_BYTES = env.int("CRM_IMPORT_MAX_BYTES", default=512 * 1024 * 1024)

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = CRM_DATA / "static"
MEDIA_ROOT = CRM_DATA / "media"
_hashed = (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _hashed
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not _hashed  # before collectstatic: as they lie in static/
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = CRM_DATA / "mail"
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="letters@example.com")
EMAIL_TIMEOUT = 10

LETTERS = {
    "POST": {
        "adapter": env.str("CRM_POST_ADAPTER", default="folder"),
        "folder": CRM_DATA / "print",
        "base_url": env.str("CRM_POST_URL", default=""),
        "token": env.str("CRM_POST_TOKEN", default=""),
        "hook_secrets": env.list("CRM_POST_HOOK_SECRETS", default=[]),  # two while a secret is changed
    },
    "EMAIL": {
        "adapter": "django",
        "folder": CRM_DATA / "mail",
        "from": DEFAULT_FROM_EMAIL,
        "hook_secrets": env.list("CRM_EMAIL_HOOK_SECRETS", default=[]),
    },
    "SMS": {
        "adapter": env.str("CRM_SMS_ADAPTER", default="fake"),
        "folder": CRM_DATA / "sms",
        "hook_secrets": env.list("CRM_SMS_HOOK_SECRETS", default=[]),
    },
}
TELEPHONY = {
    "adapter": env.str("CRM_TELEPHONY_ADAPTER", default="fake"),  # "fake" or "link" (tel:/sip:)
    "scheme": env.str("CRM_TELEPHONY_SCHEME", default="tel"),
}

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="memory://")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "COERCE_DECIMAL_TO_STRING": True,
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "django.test.runner.DiscoverRunner"
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "core.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("CRM_LOG_LEVEL", default="INFO")},
    "loggers": {
        "axes": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
