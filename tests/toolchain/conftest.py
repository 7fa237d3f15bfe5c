"""Fixtures of the toolchain's tests."""

from tests.toolchain.engine_fixture import engine_folder, project

__all__ = ["engine_folder", "project"]
