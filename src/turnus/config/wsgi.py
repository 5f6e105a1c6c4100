"""What a web server calls."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.config.settings")
_django = get_wsgi_application()

# Only now are there settings that the screens can be loaded with.
from turnus.web.readable import utf8_only  # noqa: E402

application = utf8_only(_django)
