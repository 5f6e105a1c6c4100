"""Settings of the Django project: all from the environment, typed, with safe defaults.

TURNUS_DATA      folder of SQLite file, uploads, exports and secret key (default: ./turnus-data)
DATABASE_URL     postgresql://... to use PostgreSQL instead of SQLite
TURNUS_POOLER    "1": DATABASE_URL leads to a pooler in transaction mode, such as pgbouncer
TURNUS_DIRECT_URL  the server behind it, for the notices that wake workers
TURNUS_REPLICAS  replicas that pages may read from, separated by spaces
TURNUS_HOSTS     comma-separated host names that the server answers to (default: only this machine)
TURNUS_HTTPS     "1" when the server is reached by https (cookies are then sent by https only)
TURNUS_PROXIES   how many proxies stand before the server and add to X-Forwarded-For (default: 0)
TURNUS_LOG       "json" writes the log as one JSON object a line (default: text)
TURNUS_METRICS_TOKEN  what Prometheus must send to read /metrics (default: no such page)
TURNUS_JOBS_KEPT_DAYS  days after which finished jobs are deleted (default: 7)
TURNUS_SMTP_...  the server that mail is sent through (`turnus.config.mail`; default: no mail)
TURNUS_WORKER    "0": `turnus serve` starts no worker
TURNUS_DEBUG     "1" shows error pages with details; never on a reachable server
"""

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from turnus.config.environment import (
    database,
    days,
    direct_database,
    flag,
    host_names,
    log_format,
    misspelt,
    proxy_count,
    public_address,
    replica_databases,
    secret_key,
)
from turnus.config.mail import MailSecurity, mail_settings

PACKAGE = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("TURNUS_DATA", "turnus-data")).absolute()

DEBUG = flag("TURNUS_DEBUG")
SECRET_KEY = secret_key(DATA_DIR)
ALLOWED_HOSTS = [*host_names(), "localhost", "127.0.0.1", "[::1]"]
#: Where people reach the server, for links that are made where no browser asks.
PUBLIC_ADDRESS = public_address()
CSRF_TRUSTED_ORIGINS = [
    f"https://{host}"
    for host in ALLOWED_HOSTS
    if not host.startswith(("[", "127", "localhost"))
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "turnus.history",
    "turnus.jobs",
    "turnus.accounts",
    "turnus.fields",
    "turnus.listing",
    "turnus.contacts",
    "turnus.sales",
    "turnus.revenue",
    "turnus.radar",
    "turnus.detection",
    "turnus.imports",
    "turnus.exports",
    "turnus.web",
]

MIDDLEWARE = [
    # First: a probe is answered whatever host it names, and whatever else is broken.
    "turnus.web.health.Health",
    "turnus.web.trace.RequestTrace",
    # Before anything reads.
    "turnus.web.replicas.ReadFromReplicas",
    "turnus.web.metrics.RequestMetrics",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # After WhiteNoise, whose files are compressed already.
    "turnus.web.policy.CompressedPages",
    "turnus.web.policy.ContentSecurityPolicy",
    "turnus.web.readable.ReadableRequests",
    "turnus.web.policy.HeadAsGet",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "turnus.web.language.UserLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "turnus.web.gate.FirstRunAndSignIn",
    "turnus.web.errors.UserErrors",
]

ROOT_URLCONF = "turnus.config.urls"
WSGI_APPLICATION = "turnus.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "turnus.web.context.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                ),
            ],
            "builtins": [
                "django.templatetags.i18n",
                "turnus.web.templatetags.assets",
                "turnus.web.templatetags.show",
                "turnus.web.templatetags.forms",
            ],
        },
    },
]

DATABASES = {"default": database(DATA_DIR), **replica_databases()}
DATABASE_ROUTERS = ["turnus.kit.replicas.ReplicaRouter"]
if isinstance(DATABASES["default"]["NAME"], Path):
    # A missing SQLite file is an error; a connection never creates an empty one in its place
    # (`turnus.cli.setup` does, once).
    DATABASES["default"]["NAME"] = (
        f"{DATABASES['default']['NAME'].as_uri()}?mode=rw"
    )
#: The server itself, if a pooler stands before it: notices need a connection that stays.
DIRECT_DATABASE = direct_database()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Counters of the login throttle must be seen by every process.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend"
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {
        "NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "turnus.web.sign_in.adapter.InvitedOnly"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    # Wrong current passwords of whoever is signed in, or sits at such a person's computer.
    "old_password": "5/5m/user",
}

# Whose address the throttle counts: X-Forwarded-For is trusted only as far as one's own proxies.
ALLAUTH_TRUSTED_PROXY_COUNT = proxy_count()

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag("TURNUS_HTTPS")
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if flag("TURNUS_HTTPS") else None
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.*/dist/.+-[A-Z0-9]{8}\..+$"

#: Bytes of one upload; larger files go through the command line, which reads them in place.
UPLOAD_LIMIT_BYTES = 200 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_TEMP_DIR = None

#: Names in the environment that were probably meant to be others; commands say so.
MISSPELT = misspelt()

#: Whether `turnus serve` starts a worker; elsewhere `turnus work` does.
RUNS_WORKER = flag("TURNUS_WORKER", is_usual=True)

#: After so many days, finished jobs are deleted from the queue; failed ones after 90 or as many.
JOBS_KEPT_DAYS = days("TURNUS_JOBS_KEPT_DAYS", 7)

#: What a reader of `/metrics` must send; empty: there is no such page.
METRICS_TOKEN = os.environ.get("TURNUS_METRICS_TOKEN", "")

#: Seconds after which a request stands in the log as slow.
SLOW_REQUEST_SECONDS = 1.0
#: To standard error: errors of the program with their tracebacks, jobs that failed, slow requests.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "turnus.kit.logs.TextFormatter"},
        "json": {"()": "turnus.kit.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": log_format()}
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Its own handlers would write everything once more, or by mail.
        "django": {"handlers": [], "level": "WARNING"},
        # Pages that do not exist and refusals are no errors of the program.
        "django.request": {"level": "ERROR"},
    },
}

_MAIL = mail_settings()
#: Whether an SMTP server is named; without one, no mail is sent, and no screen offers to.
SENDS_MAIL = _MAIL is not None
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
#: Somebody waits at a screen for the answer of the server.
EMAIL_TIMEOUT = 15
if _MAIL is not None:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _MAIL.host
    EMAIL_PORT = _MAIL.port
    EMAIL_HOST_USER = _MAIL.user
    EMAIL_HOST_PASSWORD = _MAIL.password
    EMAIL_USE_TLS = _MAIL.security is MailSecurity.STARTTLS
    EMAIL_USE_SSL = _MAIL.security is MailSecurity.TLS
    DEFAULT_FROM_EMAIL = _MAIL.sender

#: Seconds for which the link of an invitation is good: a weekend and a day off.
PASSWORD_RESET_TIMEOUT = 4 * 24 * 3600
