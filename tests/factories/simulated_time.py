"""A database whose clock is put forward by hand: what asks it for the time lives days in minutes.

All of the product's times come from the database's clock_timestamp() and now(). Here two functions of these names
stand before PostgreSQL's own in the search path, and add what the clock was put forward by. Nothing of the product is
changed or told. Functions that pin their search path read the true clock, so they must not compare times (they do not).
"""

from __future__ import annotations

from datetime import timedelta

import psycopg

from resources.foundation.database import Server

_CLOCK = """
create schema simulated;
create table simulated.clock (ahead interval not null);
insert into simulated.clock values ('0');
create function simulated.clock_timestamp() returns timestamptz language sql volatile
    as $$ select pg_catalog.clock_timestamp() + ahead from simulated.clock $$;
create function simulated.now() returns timestamptz language sql stable
    as $$ select pg_catalog.now() + ahead from simulated.clock $$;
grant usage on schema simulated to public;
grant select on simulated.clock to public;
"""


def give_clock(server: Server) -> None:
    """Let the server's database, empty as yet, have a clock that can be put forward. Migrate it afterwards."""
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as connection:
        connection.execute(_CLOCK.encode())
        name = connection.info.dbname
        connection.execute(
            psycopg.sql.SQL("alter database {} set search_path = public, simulated, pg_catalog").format(
                psycopg.sql.Identifier(name)
            )
        )


def put_forward(server: Server, ahead: timedelta) -> None:
    """The clock is this much ahead of the true one from now on."""
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as connection:
        connection.execute("update simulated.clock set ahead = %s", [ahead])
