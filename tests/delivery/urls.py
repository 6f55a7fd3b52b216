"""The site's addresses as they are where DEMO is on."""

from django.urls import include, path

from home.views import components
from learning.urls import urlpatterns as ours

urlpatterns = [
    path("komponenter/utskick/", include("learning.delivery.sample_urls")),
    path("komponenter/", components, name="components"),
    path("demo/utskick/", include("learning.delivery.demo_urls")),
    *ours,
]
