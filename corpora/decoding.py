"""Bytes to text: byte-order mark, then valid UTF-8, then the declaration, then detection; never in silence.

Damaged UTF-8 stays UTF-8: bytes that fit nowhere become U+FFFD, counted and located. A file whose lines are
in two encodings is decoded line by line. Bytes that are no text (images, archives, PDF) are refused by what
they are.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dragoman.corpora.language import arabic_word_share
from dragoman.errors import InputError, NotTextError
from dragoman.units import Notice

_SAMPLE = 100_000  # bytes that are looked at to tell encodings apart
_BOMS = (  # UTF-32LE begins like UTF-16LE
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a RIFF file (WebP, WAV, AVI)"),
    (b"BM", "a BMP image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x1f\x8b", "gzip: unpack it first"),
    (b"BZh", "bzip2: unpack it first"),
    (b"\xfd7zXZ\x00", "xz: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip: unpack it first"),
    (b"Rar!", "RAR: unpack it first"),
    (b"PK\x03\x04", "a zip archive, such as DOCX, ODT or EPUB: export it as text first"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document: export it as text first"),
    (b"%PDF-", "PDF is not supported: convert it to text first, for instance with pdftotext"),
    (b"%!PS", "PostScript: convert it to text first"),
    (b"{\\rtf", "RTF: export it as text first"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"OggS", "Ogg sound or video"),
    (b"ID3", "MP3 sound"),
    (b"\x1aE\xdf\xa3", "Matroska video"),
    (b"wOFF", "a font"),
    (b"\x00\x01\x00\x00", "a font"),
)
# "BM", "MZ" … begin ordinary words too: the short ones count only when control bytes follow.
_CERTAIN_LENGTH = 5
_LEGACY_ARABIC = ("cp1256", "iso8859-6", "mac-arabic", "cp720", "cp864")
_CONVINCING = (
    0.15  # of the words are frequent ones or carry the article; news has .35, a wrong encoding under .05
)
_MIXED = re.compile("[\u0621-\u064a][a-z\u00c0-\u00ff]|[a-z\u00c0-\u00ff][\u0621-\u064a]")
_NAMES = {
    "cp1256": "windows-1256",
    "cp1252": "windows-1252",
    "iso8859-6": "iso-8859-6",
    "iso8859-1": "iso-8859-1",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the name of its encoding, and what was seen on the way."""

    text: str
    encoding: str
    notices: tuple[Notice, ...] = ()


def decode(
    data: bytes,
    *,
    name: str = "input",
    encoding: str | None = None,
    declared: str | None = None,
    lang: str = "ar",
) -> Decoded:
    """Decode the bytes of a text.

    Args:
        data: the bytes of the whole file.
        name: the file's name, for messages.
        encoding: decode with this one and ask no further.
        declared: what the text says of itself, for instance in `<meta charset>`; believed where it is
            possible.
        lang: language that is expected; decides between encodings that are possible.

    Raises:
        NotTextError: the bytes are no text.
        InputError: `encoding` is unknown.
    """
    if encoding is not None:
        return _decode_as(data, _lookup(encoding))
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return _decode_as(data[len(bom) :], codec)
    utf16 = _utf16_without_bom(data)
    if utf16 is not None:
        message = f"no byte-order mark; decoded as {utf16}, use --encoding if that is wrong"
        decoded = _decode_as(data, utf16)
        return Decoded(decoded.text, utf16, (Notice("guessed-encoding", message), *decoded.notices))
    _refuse_binary(data, name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_invalid_utf8(data, _possible(declared), lang)
    return Decoded(text, "utf-8", _contradiction(declared, data))


def decode_block(data: bytes, encoding: str, *, lang: str = "ar") -> Decoded:
    """Decode a further run of lines of a text whose beginning was decoded as `encoding`."""
    if not encoding.startswith("utf-8"):
        return _decode_as(data, _lookup(encoding))
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _decode_invalid_utf8(data, None, lang)


def _lookup(encoding: str) -> str:
    try:
        info = codecs.lookup(encoding)
        "x".encode(encoding)  # raises LookupError for codecs that are no text encodings, such as "hex"
    except (LookupError, ValueError, UnicodeError) as error:
        raise InputError(
            f"unknown encoding {encoding!r}; try utf-8, windows-1256, iso-8859-6 or utf-16"
        ) from error
    if info.name.replace("_", "-") in (
        "idna",
        "punycode",
        "unicode-escape",
        "raw-unicode-escape",
        "undefined",
    ):
        raise InputError(
            f"{encoding!r} is no encoding of text files; try utf-8, windows-1256, iso-8859-6 or utf-16"
        )
    return info.name


def _possible(declared: str | None) -> str | None:
    """Return the codec of a declared encoding, None for one that is unknown or cannot be right."""
    if not declared:
        return None
    try:
        codec = _lookup(declared)
    except InputError:
        return None
    return None if codec.startswith(("utf-", "ascii")) else codec


def _contradiction(declared: str | None, data: bytes) -> tuple[Notice, ...]:
    codec = _possible(declared)
    if codec is None or data.isascii():
        return ()
    message = f"says that it is {declared}, but is UTF-8; decoded as UTF-8"
    return (Notice("declared-encoding", message),)


def _decode_as(data: bytes, codec: str) -> Decoded:
    text = data.decode(codec, "replace").removeprefix("\ufeff")
    notices: tuple[Notice, ...] = ()
    if "\ufffd" in text:
        try:
            data.decode(codec)
        except UnicodeDecodeError as error:
            notices = (_replaced(text.count("\ufffd"), error.start),)
    return Decoded(text, _NAMES.get(codec, codec), notices)


def _replaced(count: int, offset: int) -> Notice:
    sequences = "sequence" if count == 1 else "sequences"
    return Notice(
        "replaced-bytes",
        f"{count:,} damaged byte {sequences} replaced by U+FFFD, the first at byte {offset:,}",
    )


def _utf16_without_bom(data: bytes) -> str | None:
    """Recognise UTF-16 by its high bytes: 06 (Arabic), 00 (ASCII), 20 (punctuation) in every other place."""
    sample = data[: _SAMPLE // 2 * 2]
    if len(sample) < 8:
        return None
    for codec, high, low in (
        ("utf-16-le", sample[1::2], sample[::2]),
        ("utf-16-be", sample[::2], sample[1::2]),
    ):
        n_high = high.count(0x06) + high.count(0x00) + high.count(0x20) + high.count(0xFE)
        n_low = low.count(0x06) + low.count(0x00)
        if (
            high.count(0x06) + high.count(0x00) > 0.5 * len(high)
            and n_high >= 0.9 * len(high)
            and n_low <= 0.05 * len(low)
        ):
            return codec
    return None


def _refuse_binary(data: bytes, name: str) -> None:
    sample = data[:_SAMPLE]
    n_control = sum(sample.count(byte) for byte in range(32) if byte not in (9, 10, 12, 13, 27))
    for magic, kind in _MAGIC:
        if data.startswith(magic) and (len(magic) >= _CERTAIN_LENGTH or n_control > 0.01 * len(sample)):
            raise NotTextError(f"{name}: not a text file ({kind})")
    # Text has few control bytes, even damaged text; in random or compressed data they are one byte in nine.
    if n_control > 0.05 * len(sample) and n_control > 2:
        hint = (
            ""
            if sample.count(0) < 0.2 * len(sample)
            else "; if it is UTF-16 or UTF-32 text, say so with --encoding"
        )
        raise NotTextError(f"{name}: not a text file ({n_control / len(sample):.0%} control bytes){hint}")


def _decode_invalid_utf8(data: bytes, declared: str | None, lang: str) -> Decoded:
    """Decode bytes that are not UTF-8 throughout: damaged UTF-8, another encoding, or a mixture of lines."""
    lines = list(_lines(data))
    foreign = [_is_foreign(line, lang) for _, line in lines]
    good = [
        line
        for (_, line), is_foreign in zip(lines, foreign, strict=True)
        if not is_foreign and _has_utf8(line)
    ]
    if not any(foreign) and (good or declared is None):
        return _damaged_utf8(data)
    suspects = [line for (_, line), bad in zip(lines, foreign, strict=True) if bad or not good]
    codec, how = _detect(b"".join(suspects), declared, lang)
    if not good:
        decoded = _decode_as(data, codec)
        return Decoded(decoded.text, decoded.encoding, (Notice("guessed-encoding", how), *decoded.notices))
    pieces, n_replaced, first = [], 0, 0
    for (start, line), is_foreign in zip(lines, foreign, strict=True):
        piece = line.decode(codec if is_foreign else "utf-8", "replace")
        if not is_foreign and "\ufffd" in piece:
            first = first if n_replaced else start + _first_bad(line)
            n_replaced += piece.count("\ufffd")
        pieces.append(piece)
    numbers = [number for number, is_foreign in enumerate(foreign, 1) if is_foreign]
    where = (
        f"line {numbers[0]}"
        if len(numbers) == 1
        else f"{len(numbers):,} lines, the first being line {numbers[0]},"
    )
    encoding = _NAMES.get(codec, codec)
    notices = [Notice("mixed-encodings", f"UTF-8, but {where} in {encoding}: decoded line by line")]
    if n_replaced:
        notices.append(_replaced(n_replaced, first))
    return Decoded("".join(pieces), f"utf-8+{encoding}", tuple(notices))


def _damaged_utf8(data: bytes) -> Decoded:
    text = data.decode("utf-8", "replace")
    return Decoded(text, "utf-8", (_replaced(text.count("\ufffd"), _first_bad(data)),))


def _first_bad(data: bytes) -> int:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, line with its end) for lines that end in LF, CR LF or CR."""
    for match in re.finditer(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", data):
        yield match.start(), match[0]


def _has_utf8(line: bytes) -> bool:
    """Tell whether a line holds characters of UTF-8 beyond ASCII, and not by chance."""
    text = line.decode("utf-8", "replace")
    n_bad = text.count("\ufffd")
    return sum(char > "\x7f" for char in text) - n_bad > n_bad


def _is_foreign(line: bytes, lang: str) -> bool:
    """Tell whether a line is in another encoding than UTF-8, rather than UTF-8 with damage."""
    if line.isascii():
        return False
    text = line.decode("utf-8", "replace")
    n_bad = text.count("\ufffd")
    if n_bad == 0:
        return False
    n_good = sum(char > "\x7f" for char in text) - n_bad
    if n_good > n_bad:
        return False
    if lang == "ar" and arabic_word_share(line.decode("cp1256")) == 0.0:
        # A few stray bytes on a line of their own make no Arabic words in any encoding.
        return n_good == 0 and n_bad >= 8
    return True


def _detect(data: bytes, declared: str | None, lang: str) -> tuple[str, str]:
    """Return the codec of bytes that are not UTF-8, and one line about how it was found."""
    sample = data[:_SAMPLE]
    if declared is not None and (
        lang != "ar" or arabic_word_share(sample.decode(declared, "replace")) >= _CONVINCING
    ):
        return declared, f"not UTF-8; decoded as {_NAMES.get(declared, declared)}, as it says itself"
    shares = {codec: _plausibility(sample.decode(codec, "replace")) for codec in _legacy_codecs()}
    best = max(shares, key=lambda codec: shares[codec])
    if shares[best] >= _CONVINCING or (lang == "ar" and shares[best] > 0 and declared is None):
        return (
            best,
            f"not UTF-8; looks like {_NAMES.get(best, best)}, decoded so; --encoding decides otherwise",
        )
    if declared is not None:
        return declared, f"not UTF-8; decoded as {_NAMES.get(declared, declared)}, as it says itself"
    codec = _detected_elsewhere(sample) or ("cp1256" if lang == "ar" else "cp1252")
    return codec, f"not UTF-8; guessed {_NAMES.get(codec, codec)}; --encoding decides otherwise"


def _plausibility(text: str) -> float:
    """Return the share of Arabic words less the share of words in which Arabic and Latin letters mix."""
    return arabic_word_share(text) - len(_MIXED.findall(text)) / max(1, len(text.split()))


def _legacy_codecs() -> list[str]:
    """Return the Arabic codecs that this Python has."""
    codecs_here = []
    for codec in _LEGACY_ARABIC:
        try:
            codecs.lookup(codec)
        except LookupError:
            continue
        codecs_here.append(codec)
    return codecs_here


def _detected_elsewhere(sample: bytes) -> str | None:
    """Ask charset-normalizer, for languages that we know nothing about."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:20_000]).best()
    return best.encoding if best is not None else None
