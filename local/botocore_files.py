"""What botocore knows of AWS stands in large files, which every session reads anew: here they are read once a process.

A system makes a session of its own for itself, for its functions and for its workflow, so reading is most of its start.
"""

import contextlib
from collections.abc import Iterator
from functools import cache
from unittest import mock

import botocore.session

_create_loader = cache(botocore.session.create_loader)


@contextlib.contextmanager
def files_read_once() -> Iterator[None]:
    """Inside, all sessions of this process share what one of them has read."""
    with mock.patch.object(botocore.session, "create_loader", _create_loader):
        yield
