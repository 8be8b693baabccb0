"""The backroom: a thread of the server in which background agents work after answers. Nobody waits for it.

Every server has one, and any may be killed: tasks are in the database, and are taken for a while.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import psycopg

from resources.conversations import background, background_tasks
from resources.foundation.errors import MillraceError
from serving.house import House

logger = logging.getLogger(__name__)

LOOKS_EVERY_S = 3.0
STOPS_WITHIN_S = 5.0


@contextmanager
def open_backroom(house: House, *, every_s: float = LOOKS_EVERY_S) -> Iterator[None]:
    """Work while the server runs; what is under way when it stops is finished, or taken again later."""
    is_over = Event()
    thread = Thread(target=_work, args=(house, is_over, every_s), name="backroom", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(STOPS_WITHIN_S)


def _work(house: House, is_over: Event, every_s: float) -> None:
    is_well = True
    while not is_over.wait(every_s):
        try:
            with house.database.directory() as connection:
                waiting = background_tasks.select_organizations(connection)
            for organization_id in waiting:
                models = house.models_of(organization_id)
                while not is_over.is_set() and background.work_once(house.database, organization_id, models):
                    pass
            is_well = True
        except (MillraceError, psycopg.Error) as error:
            # told once for one outage; the tasks are still there when it is over
            if is_well:
                logger.warning("background agents cannot work: %s: %s", type(error).__name__, error)
            is_well = False
