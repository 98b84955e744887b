"""Photos people send: opened with care, kept only as plain pixels, without what a phone writes beside them.

Sheets with other people's names and numbers are among them, so they are sealed under the key of their community, who
looks at somebody else's is written down, and after two years they are gone.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy import Select, String, delete, null, select
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import clock, events, vault
from volunteer.db import Path, db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.privacy import Where

BYTES_MAX = 5 * 1024 * 1024
PIXELS_MAX = 20_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
#: Enough to read handwriting on a sheet of A4.
KEPT_SIDE = 1800
KEPT_QUALITY = 80
KEPT_FOR = timedelta(days=2 * 365)


class KeptPhoto(db.Model):
    """A photo that proves something, sealed; `about` names what: "supplement:5"."""

    __tablename__ = "kept_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(String(60), unique=True)
    jpeg_sealed: Mapped[bytes]
    area_path: Mapped[str] = mapped_column(Path)
    added_at: Mapped[datetime] = mapped_column(index=True)


@events.kind
class PhotoSeen(events.Event):
    """Somebody opened a photo that is not their own."""

    photo_id: int


class BadPhoto(Refusal):
    code = "photo.unreadable"
    status = 422
    says = _("这张图片打不开，请换一张 JPG 或 PNG 照片再试。")
    who = _("用手机直接拍一张最保险。")


class BigPhoto(Refusal):
    code = "photo.too_large"
    status = 413
    says = _("这张照片太大了，请选 5 MB 以内的，或者截一小块再试。")
    who = _("用手机自带的编辑裁小一点就行。")


def opened(photo: bytes) -> Image.Image:
    """Return an uploaded photo, upright and on white paper.

    :raises BigPhoto: if it is beyond 5 MiB or 20 million pixels; it is not decoded then
    :raises BadPhoto: if it is no picture, or a broken one
    """
    if len(photo) > BYTES_MAX:
        raise BigPhoto
    # A hostile file makes the decoders fail in every way there is, hence the wide nets.
    try:
        picture = Image.open(io.BytesIO(photo), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BigPhoto from None
    except Exception:
        raise BadPhoto from None
    if picture.width * picture.height > PIXELS_MAX:
        raise BigPhoto
    try:
        upright = ImageOps.exif_transpose(picture)
        if upright.has_transparency_data:
            paper = Image.new("RGBA", upright.size, "white")
            upright = Image.alpha_composite(paper, upright.convert("RGBA"))
        return upright.convert("RGB")
    except Exception:
        raise BadPhoto from None


def redrawn(photo: bytes, *, side: int = KEPT_SIDE) -> bytes:
    """Return an uploaded photo as a new JPEG of its pixels alone: no place, no camera, no hidden thumbnail.

    Neither side is longer than `side`.

    :raises BigPhoto, BadPhoto: as `opened`
    """
    picture = opened(photo)
    picture.thumbnail((side, side))
    # Copied into an empty image, so that nothing that came along in the file's blocks is written again.
    plain = Image.new("RGB", picture.size)
    plain.paste(picture)
    held = io.BytesIO()
    plain.save(held, "JPEG", quality=KEPT_QUALITY, optimize=True)
    return held.getvalue()


def keep(photo: bytes, *, about: str, area_path: str) -> None:
    """Keep an uploaded photo as the proof of something.

    :raises BigPhoto, BadPhoto: as `opened`
    """
    plain = base64.b64encode(redrawn(photo)).decode()
    sealed = vault.seal(plain, where=_place(about), area_path=area_path)
    db.session.add(KeptPhoto(about=about, jpeg_sealed=sealed, area_path=area_path, added_at=clock.now()))
    db.session.flush()


def show(about: str) -> bytes:
    """Return a kept photo to whoever may see the page it stands on: their own, or of a place.

    :raises NotFound: there is none, or no longer
    """
    kept = of(about)
    if kept is None:
        raise NotFound
    return _opened(kept)


def look(about: str) -> bytes:
    """Return a kept photo to whoever opens it by an act of theirs, which is written down with it.

    :raises NotFound: there is none, or no longer
    """
    kept = of(about)
    if kept is None:
        raise NotFound
    events.record(PhotoSeen(photo_id=kept.id), about=about)
    return _opened(kept)


def looked_at(about: str, person_id: int, *, since: datetime) -> bool:
    """Whether somebody has opened a photo by an act of theirs since then: a page may show it to them meanwhile."""
    seen = select(events.Happened.id).where(
        events.Happened.kind == "photos.PhotoSeen",
        events.Happened.about == about,
        events.Happened.actor_id == person_id,
        events.Happened.at >= since,
    )
    return db.session.scalar(seen.limit(1)) is not None


def of(about: str) -> KeptPhoto | None:
    """Return the photo kept for something, None when there is none."""
    return db.session.scalar(select(KeptPhoto).where(KeptPhoto.about == about))


def kept(abouts: Collection[str]) -> set[str]:
    """Return for which of these things a photo is kept."""
    return set(db.session.scalars(select(KeptPhoto.about).where(KeptPhoto.about.in_(abouts))))


def forget(at: datetime) -> int:
    """Delete the photos older than two years, and return how many."""
    old = delete(KeptPhoto).where(KeptPhoto.added_at < at - KEPT_FOR)
    return db.session.execute(old).rowcount or 0


def _opened(kept: KeptPhoto) -> bytes:
    place = _place(kept.about)
    return base64.b64decode(vault.unseal(kept.jpeg_sealed, where=place, area_path=kept.area_path))


def _place(about: str) -> Where:
    return Where("kept_photo", "jpeg_sealed", about)


def _rows() -> Select[*tuple[Any, ...]]:
    return select(KeptPhoto.id, KeptPhoto.jpeg_sealed, KeptPhoto.about, KeptPhoto.area_path, null())


vault.COLUMNS.append(vault.Column(KeptPhoto, "jpeg_sealed", "kept_photo", "jpeg_sealed", _rows))
