"""Small files of many formats, made in memory: the same few words in each."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

HEADING = "The Water Mill"
SENTENCE = "The wheel of the old mill turns slowly in the cold river."


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A zip container with these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in members.items():
            container.writestr(name, content)
    return packed.getvalue()


def tarred(members: Mapping[str, str | bytes], *, packed: str = "gz") -> bytes:
    """A tar archive with these members, packed with gz, bz2, xz or, with "", not at all; the same bytes each time."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            data = content.encode() if isinstance(content, str) else content
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    pack: Mapping[str, Callable[[bytes], bytes]] = {
        "": bytes,
        "gz": partial(gzip.compress, mtime=0),
        "bz2": bz2.compress,
        "xz": lzma.compress,
    }
    return pack[packed](written.getvalue())


def mail(subject: str, body: str, *, number: int | None = None, attached: Mapping[str, bytes] | None = None) -> bytes:
    """A message; `number` is what its Message-ID is made of, its subject where there is none."""
    from email.message import EmailMessage

    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "miller@example.org"
    message["Message-ID"] = f"<{subject if number is None else number}@example.org>"
    message.set_content(body)
    for name, content in (attached or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def mbox(*messages: bytes) -> bytes:
    """A mailbox of these messages; lines that begin with From are marked."""
    return b"".join(
        b"From miller@example.org Mon Nov 16 09:00:00 2026\n" + message.replace(b"\nFrom ", b"\n>From ") + b"\n"
        for message in messages
    )


def docx(*, body: str = "") -> bytes:
    """A Word document: heading, paragraph, table; `body` is WordprocessingML put before the end."""
    import docx as python_docx

    document: Any = python_docx.Document()
    document.add_heading(HEADING, 1)
    document.add_paragraph(SENTENCE)
    table = document.add_table(rows=0, cols=2)
    for cells in (("grain", "price"), ("rye", "3")):
        for cell, words in zip(table.add_row().cells, cells, strict=True):
            cell.text = words
    packed = io.BytesIO()
    document.save(packed)
    if not body:
        return packed.getvalue()
    with zipfile.ZipFile(packed) as container:
        members = {name: container.read(name) for name in container.namelist()}
    main = members["word/document.xml"].decode()
    return zipped({**members, "word/document.xml": main.replace("<w:sectPr", f"{body}<w:sectPr", 1)})


def pptx() -> bytes:
    """A presentation of two slides, the second with notes."""
    import pptx as python_pptx

    presentation: Any = python_pptx.Presentation()
    for title in (HEADING, "The Miller"):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = SENTENCE
    slide.notes_slide.notes_text_frame.text = "Remember the geese."
    packed = io.BytesIO()
    presentation.save(packed)
    return packed.getvalue()


def xlsx() -> bytes:
    """A workbook of one named sheet, with a gap between its rows and columns."""
    import openpyxl  # type: ignore[import-untyped]

    book: Any = openpyxl.Workbook()
    book.active.title = "Prices"
    for row in (("grain", None, "price"), (), ("rye", None, 3.0), ("wheat", None, 4.5)):
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def pdf_table(sentence: str, rows: Sequence[Sequence[str]], *, column: int = 200) -> bytes:
    """A PDF of a sentence and, below it, rows of cells so many points from each other."""
    shown = f"BT /F1 11 Tf 72 700 Td ({sentence}) Tj ET"
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            shown += f" BT /F1 11 Tf {72 + column * place} {660 - 15 * number} Td ({cell}) Tj ET"
    return _pdf_of([shown])


def pdf(*pages: str, size: int = 11) -> bytes:
    """A PDF whose pages show a heading in large letters and these lines below it."""
    shown = []
    for number, page in enumerate(pages or (SENTENCE,)):
        lines = " ".join(f"({line}) Tj T*" for line in page.split("\n"))
        heading = f"BT /F1 20 Tf 72 720 Td ({HEADING} {number + 1}) Tj ET"
        shown.append(f"{heading} BT /F1 {size} Tf 72 680 Td 14 TL {lines} ET")
    return _pdf_of(shown)


def _pdf_of(pages: Sequence[str]) -> bytes:
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for shown in pages:
        objects.append(f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    written = "%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    return (written + end + trailer).encode("latin-1")


def scan(*pages: str | None) -> bytes:
    """A PDF whose pages are pictures, of these words in large letters; None is a page with real text."""
    import pypdfium2
    from PIL import Image

    document = pypdfium2.PdfDocument.new()
    for words in pages:
        if words is None:
            document.import_pages(pypdfium2.PdfDocument(pdf(SENTENCE)))
            continue
        picture = pypdfium2.PdfImage.new(document)
        packed = io.BytesIO()
        Image.open(io.BytesIO(image(words))).save(packed, "JPEG")
        packed.seek(0)
        picture.load_jpeg(packed, inline=True)
        picture.set_matrix(pypdfium2.PdfMatrix().scale(612, 792))
        page = document.new_page(612, 792)
        page.insert_obj(picture)
        page.gen_content()
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def image(words: str, kind: str = "PNG") -> bytes:
    """A picture of a page with these words in large letters."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (1224, 1584), "white")
    ImageDraw.Draw(page).text((80, 200), words, fill="black", font=ImageFont.load_default(48))
    packed = io.BytesIO()
    page.save(packed, kind)
    return packed.getvalue()


def odt() -> bytes:
    """An OpenDocument text: heading, paragraph with a tab, list, table with a repeated cell."""
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table")
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {namespaces}><office:body><office:text>"
            f'<text:h text:outline-level="2">{HEADING}</text:h><text:p>{SENTENCE}<text:tab/>End.</text:p>'
            "<text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>"
            "<table:table><table:table-row><table:table-cell><text:p>grain</text:p></table:table-cell>"
            '<table:table-cell table:number-columns-repeated="2"><text:p>3</text:p></table:table-cell>'
            "</table:table-row></table:table></office:text></office:body></office:document-content>",
            "META-INF/manifest.xml": "<manifest/>",
        }
    )


def epub() -> bytes:
    """A book of two parts."""
    page = "<html><body><h1>{}</h1><p>{}</p></body></html>"
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfile full-path="OPS/book.opf"/></container>',
            "OPS/book.opf": '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Mills</dc:title>'
            '</metadata><manifest><item id="a" href="a%20one.xhtml"/><item id="b" href="b.xhtml"/></manifest>'
            '<spine><itemref idref="b"/><itemref idref="a"/></spine></package>',
            "OPS/a one.xhtml": page.format("Second", SENTENCE),
            "OPS/b.xhtml": page.format("First", SENTENCE),
        }
    )


def eml() -> bytes:
    """A message with a subject, a plain body and a text attachment."""
    from email.message import EmailMessage

    message = EmailMessage()
    message["Subject"] = f"{HEADING} – prices"
    message["From"] = "Miller <miller@example.org>"
    message["To"] = "baker@example.org"
    message.set_content(SENTENCE)
    message.add_attachment("Rye costs three.", filename="prices.txt")
    return message.as_bytes()


RTF = rb"{\rtf1\ansi{\info{\title The Water Mill}}\pard " + SENTENCE.encode() + rb"\par caf\'e9\par}"

HTML = f"""<!doctype html><html><head><title>{HEADING}</title><style>p {{color: red}}</style></head><body>
<script>var secret = "unseen script"</script><p style="display: none">unseen paragraph</p>
<h2>About</h2><p>{SENTENCE}<br>Second line.</p><ul><li>one</li><li>two <b>three</b></li></ul>
<pre>a  b\n  c</pre><!-- unseen comment -->tail<table><tr><th>grain</th><th>price</th></tr>
<tr><td>rye</td><td>3</td></tr></table></body></html>""".encode()


def exploding() -> bytes:
    """A Word document whose main part is 300 MB of blanks."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as container:
        with container.open("word/document.xml", "w") as part:
            for _ in range(300):
                part.write(b" " * (1 << 20))
        container.writestr("[Content_Types].xml", "<Types/>")
    return packed.getvalue()


def bad_checksum() -> bytes:
    """A Word document whose main part is damaged."""
    packed = bytearray(docx())
    with zipfile.ZipFile(io.BytesIO(packed)) as container:
        header = container.getinfo("word/document.xml")
    start = header.header_offset + 30 + len(header.filename) + 20
    packed[start : start + 40] = bytes(byte ^ 0x55 for byte in packed[start : start + 40])
    return bytes(packed)


def table(kind: str, rows: Sequence[Sequence[str]]) -> bytes:
    """A file of a kind (csv, xlsx, html, md, docx) that is one table; the first row is its header."""
    return _TABLES[kind](rows)


def _csv_table(rows: Sequence[Sequence[str]]) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode()


def _html_table(rows: Sequence[Sequence[str]]) -> bytes:
    lines = ("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<html><body><table>{''.join(lines)}</table></body></html>".encode()


def _markdown_table(rows: Sequence[Sequence[str]]) -> bytes:
    first, *others = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([first, "|---" * len(rows[0]) + "|", *others]).encode()


def _xlsx_table(rows: Sequence[Sequence[str]]) -> bytes:
    import openpyxl

    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _docx_table(rows: Sequence[Sequence[str]]) -> bytes:
    cells = (
        "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row) + "</w:tr>"
        for row in rows
    )
    return docx(body=f"<w:tbl>{''.join(cells)}</w:tbl>")


_TABLES = {"csv": _csv_table, "html": _html_table, "md": _markdown_table, "xlsx": _xlsx_table, "docx": _docx_table}
