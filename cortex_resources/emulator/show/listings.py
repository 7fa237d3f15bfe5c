"""Which listing SHOW has for each kind. A new kind: its module, and a row here."""

from __future__ import annotations

from typing import Final

from cortex_resources.emulator.entities import Kind
from cortex_resources.emulator.show import (
    containers,
    datasets,
    functions,
    models,
    principals,
    relations,
    tags,
    warehouses,
)
from cortex_resources.emulator.show.cells import Listing

LISTINGS: Final[dict[Kind, Listing]] = {
    Kind.DATABASE: containers.DATABASES,
    Kind.SCHEMA: containers.SCHEMAS,
    Kind.TABLE: relations.TABLES,
    Kind.VIEW: relations.VIEWS,
    Kind.MODEL: models.MODELS,
    Kind.DATASET: datasets.DATASETS,
    Kind.FUNCTION: functions.FUNCTIONS,
    Kind.TAG: tags.TAGS,
    Kind.ROLE: principals.ROLES,
    Kind.DATABASE_ROLE: principals.DATABASE_ROLES,
    Kind.USER: principals.USERS,
    Kind.WAREHOUSE: warehouses.WAREHOUSES,
}
OBJECTS: Final = relations.OBJECTS
