"""What the web server of `turnus serve` calls: the application behind limits of size and time."""

import os

from turnus.config.wsgi import application as wsgi_application
from turnus.kit.processes import end_with_parent
from turnus.web.front.gateway import Gateway
from turnus.web.front.limits import Limits

#: Requests that one process answers at a time.
THREAD_COUNT = 4

os.umask(0o077)
end_with_parent()
application = Gateway(
    wsgi_application, limits=Limits(), thread_count=THREAD_COUNT
)
