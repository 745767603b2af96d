"""A pretend ECommPay platform for local runs and tests: it behaves as PROTOCOL describes, and no money moves."""

from local.ecommpay.platform import Platform
from local.ecommpay.settings import (
    DEMO_PROJECTS,
    DataApiKey,
    DataApiSettings,
    DeliverySettings,
    GateSettings,
    Project,
    read_projects,
)

__all__ = [
    "DEMO_PROJECTS",
    "DataApiKey",
    "DataApiSettings",
    "DeliverySettings",
    "GateSettings",
    "Platform",
    "Project",
    "read_projects",
]
