"""All addresses."""

from django.urls import include, path

handler500 = "turnus.web.trace.server_error"
urlpatterns = [path("", include("turnus.web.urls"))]
