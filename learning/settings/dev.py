"""The default: everything embedded, in DATA_DIR, for one machine."""

from django.core.management.utils import get_random_secret_key

from .base import *
from .base import DATA_DIR, env


def _kept_secret() -> str:
    """The secret key, made at the first start and kept, so that sessions survive a restart."""
    path = DATA_DIR / "secret-key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text()


SECRET_KEY = env("SECRET_KEY", default="") or _kept_secret()
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[".localhost", "127.0.0.1", "[::1]"])
