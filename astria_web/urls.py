"""All addresses; those of the product live in `prompts.urls`."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

handler400 = "prompts.views.errors.bad_request"
handler500 = "prompts.views.errors.server_error"

# The admin's own sign-in knows neither the second factor nor a limit of tries.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth asks

urlpatterns = [
    # First: programs call it often, and every pattern before it costs each of their calls.
    path("api/", include("prompts.api.urls")),
    path("", include("prompts.urls")),
    # The library's page would take any address for one's own, without a mail that proves it.
    path("accounts/email/", RedirectView.as_view(pattern_name="account")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/connections/", include("allauth.socialaccount.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("admin/", admin.site.urls),
]
