"""Which files may be attached, told by their bytes and not by their name."""

import zipfile
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path, PurePosixPath

from kms.errors import UnsupportedMedia

_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
    ".docx": f"{_OFFICE}wordprocessingml.document",
    ".xlsx": f"{_OFFICE}spreadsheetml.sheet",
    ".pptx": f"{_OFFICE}presentationml.presentation",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".csv": "text/csv",
    ".txt": "text/plain",
}
IMAGES = frozenset(media for media in MEDIA_TYPES.values() if media.startswith("image/"))
ACCEPT = ",".join(MEDIA_TYPES)
"""For `<input type="file" accept>`."""

_ALLOWED = "可上传图片（PNG、JPG、GIF、WebP）、PDF、Word、Excel、PPT、CSV 和 TXT"
_MAGIC = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".pdf": (b"%PDF-",),
    ".doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
}
_SAME = {".jpeg": ".jpg", ".xls": ".doc", ".ppt": ".doc"}
_PARTS = {".docx": "word/", ".xlsx": "xl/", ".pptx": "ppt/"}
_HEAD = 64 * 1024


def media_type(name: str, path: Path) -> str:
    """The media type of the file at `path`. Raises UnsupportedMedia for other kinds and for false names."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in MEDIA_TYPES:
        raise UnsupportedMedia(f"不支持“{suffix or name}”文件。{_ALLOWED}")
    if not _is(suffix, path):
        raise UnsupportedMedia(f"“{name}”的内容与扩展名不符，请用正确的格式另存后再上传")
    return MEDIA_TYPES[suffix]


def _is(suffix: str, path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if suffix == ".webp":
        return head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if suffix in _PARTS:
        return _has_part(path, _PARTS[suffix])
    if suffix in (".csv", ".txt"):
        return _is_text(head)
    return head.startswith(_MAGIC[_SAME.get(suffix, suffix)])


def _has_part(path: Path, folder: str) -> bool:
    """An Office file is an archive with a folder of its own; only the list of names is read, nothing unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith(folder) for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _is_text(head: bytes) -> bool:
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return True
    if b"\0" in head:
        return False
    text = head.removeprefix(BOM_UTF8)
    return any(_decodes(text, encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError as error:
        # A character cut at the end of what was read is no fault.
        return len(text) == _HEAD and error.start >= len(text) - 4
    return True
