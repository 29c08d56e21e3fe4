"""Albums: their list, their pages, what is put into them and in which order."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prompts.access import MemberRequest, member_required, require_maker
from prompts.access_images import album_images, get_album, get_images, image_ids, may_arrange
from prompts.albums import album_cards, changeable_albums
from prompts.flows import albums as flow
from prompts.forms.albums import AlbumForm, PlaceForm
from prompts.models import Album, liked_by
from prompts.views.paging import page_of

PER_PAGE = 24
IMAGES_PER_PAGE = 120


@member_required
@require_GET
def album_list(request: MemberRequest) -> HttpResponse:
    """The team's albums, newest first."""
    albums = Album.objects.visible_to(request.membership).select_related("owner").order_by("-id")
    page = page_of(request, albums, PER_PAGE)
    context = {"cards": album_cards(request.membership, page.object_list), "page_obj": page}
    return render(request, "albums/album_list.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def album_new(request: MemberRequest) -> HttpResponse:
    """A new album, with the chosen pictures if `images` names some."""
    membership = require_maker(request)
    images = get_images(request, image_ids(request), team_id=membership.team_id)
    form = AlbumForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            album = flow.create_album(membership, form.cleaned_data)
            flow.add_images(album, images, request.user)
        return _filled(request, album, len(images))
    context = {"form": form, "images": images}
    return render(request, "albums/album_new.html", context, status=422 if form.errors else 200)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def album_choose(request: MemberRequest) -> HttpResponse:
    """Which album the chosen pictures go into."""
    membership = require_maker(request)
    images = get_images(request, image_ids(request), team_id=membership.team_id)
    context = {
        "images": images,
        "cards": album_cards(membership, changeable_albums(membership)),
    }
    return render(request, "albums/album_choose.html", context)


@member_required
@require_GET
def album_detail(request: MemberRequest, public_id: str) -> HttpResponse:
    """An album; `?arrange` puts its pictures in order."""
    album = get_album(request, public_id)
    may_edit = may_arrange(request, album)
    images = album_images(request, album).select_related("tune")
    page = page_of(request, images.annotate(is_liked=liked_by(request.user)), IMAGES_PER_PAGE)
    context = {"album": album, "images": page.object_list, "page_obj": page, "may_edit": may_edit}
    arranging = may_edit and "arrange" in request.GET
    template = "albums/album_arrange.html" if arranging else "albums/album_detail.html"
    return render(request, template, context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def album_edit(request: MemberRequest, public_id: str) -> HttpResponse:
    """Its name and note."""
    album = get_album(request, public_id, change=True)
    form = AlbumForm(request.POST or None, instance=album)
    if request.method == "POST" and form.is_valid():
        flow.change_album(form.instance, form.changed_data)
        return redirect(album)
    context = {"album": album, "form": form}
    return render(request, "albums/album_edit.html", context, status=422 if form.errors else 200)


@member_required
@require_POST
def album_delete(request: MemberRequest, public_id: str) -> HttpResponse:
    """Deletes the album alone; its pictures stay."""
    album = get_album(request, public_id, change=True)
    flow.delete_album(album)
    messages.success(request, f"Deleted the album “{album.title}”. Its pictures are still here.")
    return redirect("album_list")


@member_required
@require_POST
def album_add(request: MemberRequest, public_id: str) -> HttpResponse:
    """Puts `images` at the end; `place` says where a single one belongs (undo)."""
    album = get_album(request, public_id, change=True)
    images = get_images(request, image_ids(request), team_id=album.team_id)
    added = flow.add_images(album, images, request.user)
    place = PlaceForm(request.GET)
    if len(images) == 1 and place.is_valid():
        _move(request, album, place)
    return _filled(request, album, added)


def _pictures(count: int) -> str:
    return ngettext("%d picture", "%d pictures", count) % count


def _filled(request: MemberRequest, album: Album, added: int) -> HttpResponse:
    """On to the album with a word about it."""
    text = f"{_pictures(added)} added to “{album.title}”." if added else "They are in it already."
    messages.success(request, text)
    return redirect(album)


@member_required
@require_POST
def album_remove(request: MemberRequest, public_id: str) -> HttpResponse:
    """Takes `images` out of the album; they stay in the gallery."""
    album = get_album(request, public_id, change=True)
    images = get_images(request, image_ids(request), team_id=album.team_id)
    removed = flow.remove_images(album, images)
    messages.success(request, f"{_pictures(removed)} taken out; still in the gallery.")
    return redirect(_arranging(request, album))


@member_required
@require_POST
def album_order(request: MemberRequest, public_id: str) -> HttpResponse:
    """Puts the picture that `images` names at `place`."""
    album = get_album(request, public_id, change=True)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("Which place, counted from 1?", content_type="text/plain")
    _move(request, album, form)
    return HttpResponse(status=204) if request.htmx else redirect(_arranging(request, album))


@member_required
@require_POST
def album_cover(request: MemberRequest, public_id: str) -> HttpResponse:
    """The picture that `images` names stands for the album."""
    album = get_album(request, public_id, change=True)
    image = album_images(request, album).filter(public_id__in=image_ids(request)).first()
    if image is None:
        raise Http404
    flow.choose_cover(album, image)
    messages.success(request, "That picture is now the cover.")
    return redirect(_arranging(request, album))


def _move(request: MemberRequest, album: Album, form: PlaceForm) -> None:
    images = get_images(request, image_ids(request), team_id=album.team_id)
    seen = set(album_images(request, album).values_list("pk", flat=True))
    for image in images[:1]:
        flow.move_image(album, image, form.cleaned_data["place"], seen)


def _arranging(request: MemberRequest, album: Album) -> str:
    """The page of the album on which one was putting it in order."""
    page = request.POST.get("page", "")[:9]
    where = f"&page={int(page)}" if page.isascii() and page.isdigit() else ""
    return f"{reverse('album_detail', args=[album.public_id])}?arrange{where}"
