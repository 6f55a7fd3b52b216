"""What every environment shares. Each value that a site may want to change is read from the environment."""

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parents[2]
# Everything that a running site writes: database, uploads, collected static files, broker queues.
DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "var")))

INSTALLED_APPS = [
    "home",
    "learning.reporting",
    "learning.delivery",
    "learning.coverage",
    "learning.plans",
    "learning.records",
    "learning.surveys",
    "courses",
    "quizzes",
    "learning.register",
    "learning.access",
    "learning.organisation",
    "learning",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "learning.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "learning.access.middleware.LessonLinkMiddleware",
    "learning.access.middleware.SharedDeviceMiddleware",
    "learning.access.middleware.ContentSecurityPolicyMiddleware",
    "learning.errors.ExplainRefusalMiddleware",
    "courses.errors.ExplainStopsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "learning.urls"
WSGI_APPLICATION = "learning.wsgi.application"

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
                "csp.context_processors.nonce",
                "learning.access.context_processors.navigation",
            ],
        },
    },
    # Mails: their styles are moved into their elements when a template is read (see learning.mails).
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "NAME": "mail",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n"],
            "loaders": [("django.template.loaders.cached.Loader", ["learning.mails.InliningLoader"])],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "NAME": "mail-text",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"builtins": ["django.templatetags.i18n"], "autoescape": False},
    },
]

# SQLite keeps what it has acknowledged (synchronous=FULL) and writers queue instead of failing (IMMEDIATE).
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'kunskapslaget.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# How far long work is must be seen while its transaction goes on, so it is not kept in the database.
CACHES = {
    "default": env.cache("CACHE_URL", default="dbcache://cache"),
    "progress": env.cache("CACHE_URL", default=f"filecache://{DATA_DIR / 'progress'}"),
}

AUTH_USER_MODEL = "organisation.Person"
AUTHENTICATION_BACKENDS = [
    "learning.access.backends.PasswordBackend",
    "learning.access.backends.LinkBackend",
    "learning.access.backends.LessonBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "access:sign_in"
LOGIN_REDIRECT_URL = "access:after_sign_in"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
# One-time sign-in links: used once (last_login changes), ten minutes, see learning.access.links.
SESAME_MAX_AGE = 600
SESAME_ONE_TIME = True

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

vars().update(env.email_url("EMAIL_URL", default=f"filemail:///{DATA_DIR / 'mail'}"))
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Kunskapsläget <noreply@kunskapslaget.example>")
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
# Where mails come back to that cannot be handed over; without one, to the sender.
RETURN_PATH = env("RETURN_PATH", default="")
BOUNCE_MAILBOX_URL = env("BOUNCE_MAILBOX_URL", default="")

# Without a broker of its own the product passes messages through files beside the database.
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="filesystem://localhost")
QUEUE_DIR = DATA_DIR / "queue"
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "processed_folder": str(QUEUE_DIR / "processed"),
        "polling_interval": 0.2,
    }
elif CELERY_BROKER_URL.startswith("redis"):
    # A task of a killed worker comes back after this many seconds; ours take seconds, and may run twice.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(QUEUE_DIR / "beat-schedule")
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ROUTES = {"*.tick_*": {"queue": "ticks"}}  # a full queue must not starve the clock
CELERY_BEAT_SCHEDULE = {
    "sum-up": {"task": "learning.coverage.tasks.tick_sum_up", "schedule": 86400},
    "follow-appointments": {"task": "learning.access.tasks.tick_follow_appointments", "schedule": 3600},
    "forget-old-lines": {"task": "learning.organisation.tasks.tick_forget_old_lines", "schedule": 3600},
    "freeze-closed-goals": {"task": "learning.coverage.tasks.tick_freeze_closed_goals", "schedule": 3600},
    "resume-imports": {"task": "learning.organisation.tasks.tick_resume_imports", "schedule": 60},
    "forget-survey-answers": {"task": "learning.surveys.tasks.tick_forget_answers", "schedule": 3600},
    "heal-standings": {"task": "learning.coverage.tasks.tick_heal_standings", "schedule": 60},
    "read-returned-mails": {"task": "learning.delivery.tasks.tick_read_returned", "schedule": 300},
    "plan-mails": {"task": "learning.delivery.tasks.tick_plan", "schedule": 1800},
    "send-mails": {"task": "learning.delivery.tasks.tick_send", "schedule": 10},
    "publish-figures": {"task": "learning.reporting.tasks.tick_publish_figures", "schedule": 3600},
    "publish-scheduled": {"task": "courses.tasks.tick_publish_scheduled", "schedule": 60},
    "sweep-sessions": {"task": "learning.access.tasks.tick_sweep_sessions", "schedule": 3600},
    "sweep-tries": {"task": "learning.access.tasks.tick_sweep_tries", "schedule": 3600},
}

TASKS = {"default": {"BACKEND": "learning.once.OnceBackend"}}  # Wagtail's own
# In the database; PostgreSQL knows the forms of Swedish words, SQLite the beginnings only.
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database", "SEARCH_CONFIG": "swedish"}}
WAGTAIL_SITE_NAME = "Kunskapsläget"
WAGTAILADMIN_BASE_URL = env("BASE_URL", default=f"http://localhost:{env('PORT', default='8000')}")
# Signs proofs as Open Badges: an Ed25519 key as PEM. Without one, a key is made and kept in DATA_DIR.
BADGE_SIGNING_KEY = env.str("BADGE_SIGNING_KEY", multiline=True, default="")
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_FRONTEND_LOGIN_URL = WAGTAILADMIN_LOGIN_URL = "/logga-in/"
# Whoever writes may not get in by a mailbox alone, nor be told apart by what a form of reset answers.
WAGTAIL_PASSWORD_RESET_ENABLED = False
# A unit that is split asks where each of its people goes.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILDOCS_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
# Three minutes of film in 720p are some 40 MB. A course package holds 100 MB.
RECORDING_MAX_SIZE = env.int("RECORDING_MAX_SIZE", default=50_000_000)
WAGTAIL_PRIVATE_PAGE_OPTIONS = {"SHARED_PASSWORD": False}

# Our own pages run nothing inline and fetch nothing from others; Wagtail's admin needs the looser one.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
CONTENT_SECURITY_POLICY_ADMIN = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, "'unsafe-inline'"],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}

# To the console, for whatever keeps the output of the processes; refused requests are no errors of ours.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "learning": {"handlers": ["console"], "level": "INFO"},
    },
}

# The demonstration: fictional people and sign-in by one click. Never beside real people.
DEMO = env.bool("DEMO", default=False)
if DEMO:
    EMAIL_BACKEND = "learning.delivery.kept.EmailBackend"
