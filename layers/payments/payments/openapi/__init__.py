"""The OpenAPI 3.1 description of the HTTP API, as ``GET /openapi.json`` answers it.

Rules of this package:

* What a request looks like is asked of the very models that check it, so that the two cannot part (`requests`).
* What an answer looks like is written once and closed: nothing may come that is not named (`answers`). Tests hold the
  views and real answers to it.
* What API Gateway answers by itself (no permission, too many requests) is told too; it speaks plain JSON.
"""

from payments.openapi.routes import describe_api

__all__ = ["describe_api"]
