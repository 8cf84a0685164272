"""One answer to 'may this person see this row?'.

A layer declares once, per role, which rows that role sees and whether their position is exact (a `Sight`). The same
declaration becomes the SQL condition of tiles, pages, search and data, and a line of the data dictionary.
Nothing here touches a database: a `Person` is plain data that also travels inside the signed tile cookie.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from psycopg import sql


class Role(models.TextChoices):
    """What a person does here. Everyone is a citizen; the others are given by an administrator."""

    CITIZEN = "citizen", _("Citizen")
    PLANNER = "planner", _("Planner")
    OFFICER = "officer", _("Permit officer")
    CLERK = "clerk", _("Counter clerk")
    UTILITY = "utility", _("Utility")
    OPERATOR = "operator", _("Camera operator")
    ADMINISTRATOR = "administrator", _("Administrator")


# Members of the authority itself. A utility is an outside organisation and not among them.
STAFF = (Role.PLANNER, Role.OFFICER, Role.CLERK, Role.OPERATOR, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class Person:
    """Who is asking: roles, and the organisation a utility's member belongs to."""

    roles: frozenset[str] = frozenset({Role.CITIZEN})
    organisation: int | None = None

    @classmethod
    def of(cls, roles: Iterable[str], organisation: int | None = None) -> "Person":
        """A person with these roles; everyone is a citizen too."""
        return cls(frozenset({*roles, Role.CITIZEN}), organisation)


CITIZEN = Person()


@dataclass(frozen=True)
class Rows:
    """Which rows of a layer: all, or those whose `column` is one of `values` or the person's own organisation."""

    title: str
    column: str = ""
    values: tuple[Any, ...] = ()
    own: bool = False

    def allowed(self, person: Person) -> tuple[Any, ...] | None:
        """The values of `column` that this person may see; None means every row."""
        if not self.column:
            return None
        if not self.own:
            return self.values
        return () if person.organisation is None else (person.organisation,)


ALL = Rows("all")


def own(column: str) -> Rows:
    """Rows that belong to the person's own organisation."""
    return Rows("own organisation's", column, own=True)


@dataclass(frozen=True)
class Sight:
    """What one role sees of one layer."""

    rows: Rows = ALL
    exact: bool = True  # else the approximate position that the register keeps beside the exact one

    def __str__(self) -> str:
        return self.rows.title + ("" if self.exact else ", approximate position")


# Role × what it sees; a role that is not named sees nothing.
AccessTable = Mapping[Role, Sight]
EVERYONE: AccessTable = {Role.CITIZEN: Sight()}


def staff(sight: Sight = Sight()) -> dict[Role, Sight]:
    """The same sight for every member of the authority."""
    return dict.fromkeys(STAFF, sight)


def sights(table: AccessTable, person: Person) -> list[Sight]:
    """What each of the person's roles shows of a layer; empty when the layer does not exist for the person."""
    found = [sight for role, sight in table.items() if role in person.roles]
    return [sight for sight in found if sight.rows.allowed(person) != ()]


def sees_exactly(table: AccessTable, person: Person) -> bool:
    """Whether this person sees exact positions: of every row that is shown, else of none."""
    found = sights(table, person)
    return bool(found) and (
        all(sight.exact for sight in found)
        or any(sight.exact and sight.rows.allowed(person) is None for sight in found)
    )


def row_condition(table: AccessTable, person: Person) -> tuple[sql.Composable, dict[str, Any]] | None:
    """The rows this person may see, as an SQL condition on the published columns and its parameters.

    None when the layer does not exist for this person at all.
    """
    found = sights(table, person)
    if not found:
        return None
    columns: dict[str, list[Any]] = {}
    for sight in found:
        allowed = sight.rows.allowed(person)
        if allowed is None:
            return sql.SQL("TRUE"), {}
        columns.setdefault(sight.rows.column, []).extend(allowed)
    conditions = [
        sql.SQL("{column} = ANY({values})").format(
            column=sql.Identifier(column), values=sql.Placeholder(f"allowed_{column}")
        )
        for column in columns
    ]
    return sql.SQL("({})").format(sql.SQL(" OR ").join(conditions)), {
        f"allowed_{column}": values for column, values in columns.items()
    }
