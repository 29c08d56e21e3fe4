"""Settings of Astria Web: production by default, everything adjustable by the environment."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from . import env
from .mail import mail_settings

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]

DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret_key(DATA_DIR)
#: What seals secrets in the database, newest first; empty: a key derived from SECRET_KEY.
SECRETS_KEYS = env.words("SECRETS_KEYS")

#: The address people use, where it is not the one we listen on: https://headshots.example.com
PUBLIC_URL = env.text("PUBLIC_URL").rstrip("/")
#: What stands in mails without it.
LOCAL_URL = f"http://localhost:{env.number('PORT', 8000)}"
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = []
if PUBLIC_URL:
    ALLOWED_HOSTS.append(urlsplit(PUBLIC_URL).hostname or "")
    CSRF_TRUSTED_ORIGINS.append(PUBLIC_URL)

#: Who runs this installation, and where they are asked about data; the page on privacy says it.
OPERATOR_NAME = env.text("OPERATOR_NAME")
OPERATOR_EMAIL = env.text("OPERATOR_EMAIL")

INSTALLED_APPS = [
    "prompts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "lucide",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "prompts.middleware.note_sessions",
]

ROOT_URLCONF = "astria_web.urls"
ASGI_APPLICATION = "astria_web.asgi.application"
WSGI_APPLICATION = "astria_web.wsgi.application"

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
                "prompts.context.frame",
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "lucide.templatetags.lucide",
                "prompts.templatetags.pages",
                "prompts.templatetags.pictures",
                "prompts.templatetags.words",
            ],
        },
    },
]

# --- Database, cache, files -------------------------------------------------------------------

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'db.sqlite3'}",
        # Opening one costs more than most requests ask of it.
        conn_max_age=600,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = "astria_web.sqlite"
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
    DATABASES["default"]["OPTIONS"] = {
        # Deferred transactions that read before they write fail at once under load.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;"
            # Deleted rows are overwritten: what is erased must not lie in free pages.
            "PRAGMA secure_delete=ON;"
            f"PRAGMA synchronous={'FULL' if env.flag('SQLITE_FULL_SYNC') else 'NORMAL'};"
        ),
    }
    # A file, so that the servers and workers which tests start can open it too.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}

REDIS_URL = env.text("REDIS_URL")
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "astria_web.cache.PatientRedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # Of the usual 300, a few hundred visitors would push each other's counted tries out.
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {
        "BACKEND": "prompts.storage.AtomicFileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
# Immutable names come from the manifest; in DEBUG files are served as they lie in the checkout.
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# --- People -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "prompts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "prompts.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "home"

MFA_ADAPTER = "prompts.accounts.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Astria Web"
# Addresses are confirmed by the invitation.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Browsers know passkeys without https only on the machine itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

SOCIALACCOUNT_ADAPTER = "prompts.accounts.SingleSignOnAdapter"
# Who signs in through the company's own identity provider is known by a verified address.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_ONLY = False
OIDC_NAME = env.text("OIDC_NAME", "single sign-on")
OIDC_SERVER_URL = env.text("OIDC_SERVER_URL")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": env.text("OIDC_CLIENT_ID"),
                "secret": env.text("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
        if OIDC_SERVER_URL
        else [],
    }
}

SESSION_COOKIE_AGE = 7 * 24 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS

globals().update(mail_settings(env.text("EMAIL_URL"), DATA_DIR / "mail"))
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "Astria Web <portal@localhost>")

# --- Safety -----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Whose address counts, for limits and in the list of sign-ins: so many proxies each add the address
# they were called from to X-Forwarded-For, and what stands before those may be made up. We speak no
# https ourselves, so with an https address there is one.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("PROXY_COUNT", 1 if HTTPS else 0)
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.flag("HTTPS_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

# A form with 20 photos of 25 MB; each file's own limit is checked by prompts.imaging.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_050  # a thousand chosen pictures and what goes with them
DATA_UPLOAD_MAX_NUMBER_FILES = 60
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "prompts.uploads.CappedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Calls of the gateway that one key may make, at once and then evenly; 0: without limit.
API_READS_PER_MINUTE = env.number("API_READS_PER_MINUTE", 3000)
API_WRITES_PER_MINUTE = env.number("API_WRITES_PER_MINUTE", 600)
# How long the addresses of pictures in the gateway's answers work.
API_FILE_URL_HOURS = env.number("API_FILE_URL_HOURS", 24 * 7)
# A JSON body of the gateway, which may hold photos as base64.
API_MAX_BODY_BYTES = 64 * 2**20

PHOTO_MAX_BYTES = 25 * 2**20
# A form with 20 of them, and what stands beside.
MAX_REQUEST_BYTES = 20 * PHOTO_MAX_BYTES + 8 * 2**20
PHOTO_MAX_PIXELS = 50_000_000
#: Hosts ("host" or "host:port") that are reached although their address is a private one.
FETCH_ALLOWED_HOSTS = env.words("FETCH_ALLOWED_HOSTS")

# --- Engines and background work --------------------------------------------------------------

ENGINES = {
    "studio": "prompts.engines.studio.engine.StudioEngine",
    "astria": "prompts.engines.astria.engine.AstriaEngine",
    "mock": "prompts.engines.mock.MockEngine",
}
if env.flag("FAKE_ENGINE"):
    ENGINES["fake"] = "prompts.engines.fake.FakeEngine"
DEFAULT_ENGINE = env.text("DEFAULT_ENGINE", "studio")
#: How long a silent worker keeps a job before another takes it over.
LEASE_SECONDS = env.number("LEASE_SECONDS", 30)
WORKERS = env.number("WORKERS", 1)
#: Seconds between two looks at open objects of one account at a service, and what all such waits
#: are multiplied with (tests wait less).
REMOTE_LOOK_INTERVAL = 1.0
REMOTE_PACE = 1.0
#: The same for the waits between two attempts of a delivery.
DELIVERY_PACE = 1.0
#: As many jobs that wait for other machines run side by side in a worker.
NETWORK_SLOTS = 8

# --- Words and times --------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "prompts": {"level": env.text("LOG_LEVEL", "INFO")},
        "django.request": {"level": "ERROR"},
    },
}
