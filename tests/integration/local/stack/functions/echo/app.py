"""Answers with its event, or as the query asks."""

import os
import time
from typing import Any


def handler(event: dict[str, Any], _context: Any) -> Any:
    """The event as JSON, unless `?answer=` names something else."""
    match event.get("queryStringParameters", {}).get("answer"):
        case "text":
            return "just text"
        case "full":
            return {
                "statusCode": 201,
                "headers": {"Location": "/things/1", "X-Count": 3},
                "cookies": ["a=1; Path=/", "b=2"],
                "body": "aMOp",
                "isBase64Encoded": True,
            }
        case "plain":
            return {"statusCode": 202, "body": "plain"}
        case "malformed":
            return {"statusCode": "soon"}
        case "raise":
            raise RuntimeError("secret detail")
        case "sleep":
            time.sleep(1.5)
        case "sentence":
            return {"sentence": os.environ["SENTENCE"], "table": os.environ["TABLE_NAME"]}
    return event
