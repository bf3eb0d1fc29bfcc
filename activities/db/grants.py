"""The role that the office's programs take, and what it may do to each table: nothing more.

`activities.db.migrate` makes the role and grants it all of this each time, as the schema's owner.
Rows of books are added and read by it, never changed and never deleted, whatever becomes of the
triggers that say the same.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa
from sqlalchemy import Connection

ROLE = "tillflow_office"

ADD, CHANGE, FORGET = "SELECT, INSERT", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE, DELETE"
GRANTS = {
    # books: what stands in them stays
    "journal_entries": ADD,
    "quarantined_entries": ADD,
    "sales": ADD,
    "sale_lines": ADD,
    "line_taxes": ADD,
    "tenders": ADD,
    "stock_movements": ADD,
    "postings": ADD,
    "audit_entries": ADD,
    "person_roles": ADD,
    # what is so today, and may be otherwise tomorrow
    "stores": CHANGE,
    "tills": CHANGE,
    "till_heads": CHANGE,
    "people": CHANGE,
    "users": CHANGE,
    "tax_rates": CHANGE,
    "products": CHANGE,
    "prices": CHANGE,
    "exports": CHANGE,
    "exception_tasks": CHANGE,
    # what passes
    "product_barcodes": FORGET,
    "enrolment_codes": FORGET,
    "web_sessions": FORGET,
    "authorization_codes": FORGET,
    "refresh_tokens": FORGET,
    "spent_tokens": FORGET,
    # the schema's own
    "accounts": "SELECT",
    "alembic_version": "SELECT",
}

_log = logging.getLogger(__name__)

# A role belongs to the whole cluster: another database's migration may make it at this moment. An
# owner without CREATEROLE cannot; only a superuser may take a role without being its member.
_MAKE = """
DO $$
BEGIN
    IF to_regrole('{role}') IS NULL THEN
        CREATE ROLE {role} NOLOGIN;
        IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
            GRANT {role} TO CURRENT_USER;
        END IF;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END $$
"""
# Since PostgreSQL 16 a member may be one that cannot take the role.
_MAY_TAKE = f"""
    SELECT coalesce(bool_or(pg_has_role(oid, CASE
        WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)),
        false)
    FROM pg_roles WHERE rolname = '{ROLE}'
"""  # noqa: S608 -- the name above
TAKE = f"""
    SELECT set_config('role', '{ROLE}', false) FROM ({_MAY_TAKE}) AS may (take) WHERE take
"""  # noqa: S608 -- the names above

NOT_TAKEN = (
    f"The programs work as the schema's owner: this PostgreSQL did not let them have a role of "
    f"their own, so only triggers keep books from being changed. Let an administrator run "
    f"`CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO` the user of TILLFLOW_DATABASE_URL, then "
    "`python -m activities migrate`."
)


def grant(connection: Connection) -> None:
    """Make the role unless it is there, and let it do what the table says and nothing else."""
    make_role(connection)
    if connection.scalar(sa.text(f"SELECT to_regrole('{ROLE}')")) is None:
        _log.warning(NOT_TAKEN)
        return
    connection.exec_driver_sql(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
    for table, rights in GRANTS.items():
        connection.exec_driver_sql(f"GRANT {rights} ON {table} TO {ROLE}")


def make_role(connection: Connection, role: str = ROLE) -> None:
    """Make a role unless it is there, or unless this owner may not make any."""
    connection.exec_driver_sql(_MAKE.format(role=role))


def is_taken(connection: Connection) -> bool:
    """Tell whether this connection works in the programs' role."""
    return bool(connection.scalar(sa.text(f"SELECT current_user = '{ROLE}'")))
