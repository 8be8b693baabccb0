"""Read pictures of text by optical character recognition (the extra `ocr`: RapidOCR on ONNX Runtime, offline). Pure.

The recogniser gives lines with their places; a page is put in reading order by cutting it along its empty bands, first
across and then down (the XY-cut of Nagy and Seth, 1984). Without the extra, NeedsOcr says what to install.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from statistics import median
from typing import Any

from resources.knowledge.readers.assembling import Draft, Reading
from resources.knowledge.readers.refusing import Damaged, EmptyExtraction, NeedsOcr, TooLarge

REMEDY = "to have it read, install the extra: pip install 'millrace[ocr]', then: millrace failures retry"
MOST_PAGES = 200
MOST_PIXELS = 100_000_000
LONGEST_SIDE = 2_000

_BAND, _GUTTER = 0.6, 0.6  # in heights of a line
_LEAST_TALL, _LEAST_WIDE = 1.5, 6.0  # height by width of what runs down; width by height of what runs on
_UPRIGHT_SCORE = 0.8
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Line:
    """A recognised line: its words and its box in pixels."""

    words: str
    left: float
    top: float
    right: float
    bottom: float
    score: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def width(self) -> float:
        return self.right - self.left


def is_installed() -> bool:
    """Whether pictures can be read here."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def read_image(_data: bytes) -> Reading:
    """Raises NeedsOcr, always: an image has no text of its own."""
    raise NeedsOcr(f"this is an image, whose text only OCR can read: {REMEDY}")


def read_image_by_ocr(data: bytes) -> Reading:
    """The text of an image by its blocks; `page` is the page of a TIFF of several. Raises EmptyExtraction, Damaged."""
    draft = Draft()
    pages = list(_pages(data))
    for number, picture in enumerate(pages, 1):
        for block in blocks(picture):
            draft.add("paragraph", block, page=number if len(pages) > 1 else None)
    if not draft.elements:
        raise EmptyExtraction("no text is recognised in this image")
    return draft.reading(library=library())


def library() -> str:
    """The recogniser and its version, as it is told with what it read."""
    from importlib.metadata import version

    return f"rapidocr {version('rapidocr')}"


def blocks(picture: Any) -> list[str]:
    """The text of a picture (a Pillow image), block by block in reading order. A turned page is turned back."""
    found = _recognised(picture)
    if _runs_down(found) and not _is_written_downwards(found):
        found = max((_recognised(picture.rotate(angle, expand=True)) for angle in (90, 270)), key=_certainty)
    elif found and _typical_score(found) < _UPRIGHT_SCORE:
        found = max(found, _recognised(picture.rotate(180)), key=_certainty)
    return ["\n".join(line.words for line in block) for block in in_reading_order(found)]


def _recognised(picture: Any) -> list[Line]:
    import numpy

    result = _engine()(numpy.asarray(picture.convert("RGB"))[:, :, ::-1])
    if result is None or result.boxes is None or result.txts is None:
        return []
    lines = []
    for box, words, score in zip(result.boxes, result.txts, result.scores, strict=True):
        across, down = [float(point[0]) for point in box], [float(point[1]) for point in box]
        lines.append(Line(words, min(across), min(down), max(across), max(down), float(score)))
    return lines


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR  # type: ignore[import-not-found, unused-ignore]

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # it would read what stands on its head, and nobody could tell that it does
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _runs_down(lines: Sequence[Line]) -> bool:
    tall = sum(_is_tall(line) for line in lines)
    return tall * 2 > len(lines)


def _is_tall(line: Line) -> bool:
    return len(line.words) > 1 and line.height > _LEAST_TALL * line.width


def _is_written_downwards(lines: Sequence[Line]) -> bool:
    words = "".join(line.words for line in lines)
    return len(_CJK.findall(words)) * 2 > len(words) and _typical_score(lines) > _UPRIGHT_SCORE


def _typical_score(lines: Sequence[Line]) -> float:
    return median(line.score for line in lines)


def _certainty(lines: Sequence[Line]) -> float:
    return sum(line.score * len(line.words) for line in lines)


def in_reading_order(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines of a page as blocks, each in reading order."""
    if _runs_down(lines):
        return [sorted(lines, key=lambda line: (-line.right, line.top))]
    return list(_cut(list(lines)))


def _cut(lines: list[Line]) -> Iterator[list[Line]]:
    waiting = [lines]
    while waiting:
        some = waiting.pop()
        if not some:
            continue
        height = median(line.height for line in some)
        columns = _parted(some, lambda line: (line.left, line.right), _GUTTER * height)
        if sum(_is_column(column) for column in columns) > 1 or any(_runs_down(column) for column in columns[1:]):
            waiting += reversed(columns)
            continue
        bands = _parted(some, lambda line: (line.top, line.bottom), _BAND * height)
        if len(bands) > 1:
            waiting += reversed(bands)
        else:
            yield _in_rows(some, height)


def _is_column(lines: list[Line]) -> bool:
    """Whether these are lines of running text, not the cells of a table."""
    return len(lines) > 2 and median(line.width for line in lines) > _LEAST_WIDE * median(line.height for line in lines)


def _parted(lines: list[Line], span: Callable[[Line], tuple[float, float]], gap: float) -> list[list[Line]]:
    """The lines in groups with an empty band of at least `gap` between them."""
    groups: list[list[Line]] = []
    end = float("-inf")
    for line in sorted(lines, key=span):
        first, last = span(line)
        if groups and first - end < gap:
            groups[-1].append(line)
        else:
            groups.append([line])
        end = max(end, last)
    return groups


def _in_rows(lines: list[Line], height: float) -> list[Line]:
    """From the top down; what stands at one height, from left to right, as one line."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.top + line.bottom) / 2):
        middle = (line.top + line.bottom) / 2
        if rows and middle - (rows[-1][0].top + rows[-1][0].bottom) / 2 < height / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_joined(sorted(row, key=lambda line: line.left)) for row in rows]


def _joined(row: list[Line]) -> Line:
    first, last = row[0], row[-1]
    return Line(" ".join(line.words for line in row), first.left, first.top, last.right, first.bottom, first.score)


def _pages(data: bytes) -> Iterator[Any]:
    """The pictures of an image file, not larger than the recogniser looks at. Raises Damaged, TooLarge."""
    from PIL import Image, ImageSequence, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise TooLarge(f"the image has {image.width} × {image.height} points: make it smaller")
            frames = ImageSequence.Iterator(image) if image.format == "TIFF" else iter([image])
            for number, frame in enumerate(frames, 1):
                if number > MOST_PAGES:
                    raise TooLarge(f"the image has more than {MOST_PAGES} pages: split it")
                picture = frame.convert("RGB")
                picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                yield picture
    except Image.DecompressionBombError as error:
        raise TooLarge(f"the image unpacks to too much: {error}") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise Damaged(f"not readable as an image: {error}") from error
