"""Sources that documents are pushed into: their listing is what was accepted."""

from __future__ import annotations

from collections.abc import Iterator

from resources.foundation.errors import Missing, Unavailable
from resources.knowledge.connectors.protocol import Connector, Fetched, ItemFailed, ItemGone, Means
from resources.knowledge.records import DataSource, Item, KnownItem
from resources.knowledge.sources import uploads

_PAGE = 500


def open_connector(source: DataSource, means: Means) -> Connector:
    """An upload source has no configuration of its own."""
    return UploadConnector(source, means)


class UploadConnector:
    """What was pushed, by path. The checksum of its bytes tells whether an item changed."""

    def __init__(self, source: DataSource, means: Means) -> None:
        self._source_id = source.id
        self._means = means

    def items(self) -> Iterator[Item]:
        after = ""
        while True:
            with self._means.database.transaction(self._means.organization_id) as connection:
                page = uploads.select_page(
                    connection, self._means.organization_id, source_id=self._source_id, after=after, at_most=_PAGE
                )
            for upload in page:
                yield Item(
                    upload.path, upload.file_size, None, f"{upload.checksum}:{upload.media_type}:{upload.title or ''}",
                    upload.title, upload.address, upload.metadata,
                )  # fmt: skip
            if len(page) < _PAGE:
                return
            after = page[-1].path

    def fetch(self, item: Item, known: KnownItem | None) -> Fetched:
        organization_id = self._means.organization_id
        with self._means.database.transaction(organization_id) as connection:
            upload = uploads.find_by_path(connection, organization_id, source_id=self._source_id, path=item.path)
        if upload is None:
            raise ItemGone(item.path)
        try:
            data = self._means.store.get(organization_id, upload.checksum)
        except (Missing, Unavailable) as error:
            raise ItemFailed("bytes_lost", f"{error}; or push the document again") from error
        return Fetched(data, revision=item.revision, media_type=upload.media_type)

    def cut_short(self) -> str | None:
        """The table is always whole."""
        return None

    def close(self) -> None:
        """Nothing is held."""
