"""Servers for the tests: stopped, whatever happens."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serve_test.harness import Running, settings, start


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with short patience, for the whole module."""
    running = start(tmp_path_factory.mktemp("data"), settings(body_seconds=1, header_seconds=2))
    yield running
    running.stop()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """A function that starts a server of the test's own."""
    started: list[Running] = []

    def begin(variables: dict[str, str] | None = None, **changes: Any) -> Running:
        started.append(start(tmp_path, settings(**changes), **(variables or {})))
        return started[-1]

    yield begin
    for running in started:
        running.stop()
