"""All addresses; those of the product live in `prompts.urls`."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("prompts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
