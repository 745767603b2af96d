"""Finds the route of a request as API Gateway does: a full match first, then the fewest parameters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from local.template import Route


@dataclass(frozen=True, slots=True)
class Match:
    """The route that takes a request, with its path parameters URL-decoded."""

    route: Route
    parameters: Mapping[str, str]

    @property
    def key(self) -> str:
        """API Gateway's name of the route: `GET /payments/{payment_id}`."""
        return f"{self.route.method} {self.route.path}"


class RouteTable:
    """All routes, in the order in which they are tried."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = sorted(routes, key=_generality)

    def match(self, method: str, raw_path: str) -> Match | None:
        """The best route for a method and a percent-encoded path, or None."""
        segments = raw_path.split("/")
        for route in self._routes:
            if route.method not in {method, "ANY", "*"}:
                continue
            parameters = _match_segments(route.path.split("/"), segments)
            if parameters is not None:
                return Match(route, parameters)
        return None


def _generality(route: Route) -> tuple[bool, int, bool]:
    return ("+}" in route.path, route.path.count("{"), route.method in {"ANY", "*"})


def _match_segments(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for position, part in enumerate(pattern):
        if part.endswith("+}"):
            rest = "/".join(segments[position:])
            return {**parameters, part[1:-2]: unquote(rest)} if rest else None
        if position >= len(segments):
            return None
        segment = segments[position]
        if part.startswith("{") and segment:
            parameters[part[1:-1]] = unquote(segment)
        elif part != unquote(segment):
            return None
    return parameters if len(pattern) == len(segments) else None
