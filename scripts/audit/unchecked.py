"""Where nothing could be checked, a command that checks ends with a code of its own: it is no finding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import InterfaceError, OperationalError

from scripts.audit.verify_export import NOT_CHECKED


class NotChecked(click.ClickException):
    exit_code = NOT_CHECKED


@contextmanager
def or_not_checked() -> Iterator[None]:
    """Raises NotChecked for what kept the command from its work; wrong usage stays that."""
    try:
        yield
    except click.UsageError:
        raise
    except click.ClickException as error:
        raise NotChecked(error.message) from error
    except (InterfaceError, OperationalError) as error:
        raise NotChecked(f"The database went away ({type(error).__name__}): nothing was checked.") from error
