"""A small merchant's shop that sells through the public API; everything it shows is pretend, no money moves."""

from local.shop.app import shop_app

__all__ = ["shop_app"]
