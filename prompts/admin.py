"""The operator's back door to people and teams; everything else has pages of its own."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from prompts.models import Mail, Membership, Team, User


class Undeletable(admin.ModelAdmin):
    """Has pages or commands that delete it with its files, copies and traces."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Team)
class TeamAdmin(Undeletable):
    list_display = ["name", "engine", "created_at"]
    search_fields = ["name"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).filter(deletion=None)


@admin.register(User)
class UserAdmin(Undeletable):
    list_display = ["email", "name", "is_active", "is_staff"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "is_staff", "is_superuser"]


@admin.register(Mail)
class MailAdmin(admin.ModelAdmin):
    list_display = ["created_at", "to", "subject", "status", "attempts", "error"]
    list_filter = ["status", "template"]
    search_fields = ["to"]
    fields = ["to", "subject", "template", "team", "status", "attempts", "error"]
    readonly_fields = ["to", "subject", "template", "team", "status", "attempts", "error"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
