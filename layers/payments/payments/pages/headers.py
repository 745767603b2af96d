"""The headers of every answer a browser gets: what the page may load, run, ask and post, and nothing else.

No page of ours may be shown inside another one, the page that runs the provider's widget neither: the widget is a frame
in our page, while our page in a frame of somebody else's is how clicks are stolen. In the widget's frame the customer
goes on to partners and banks whose hosts nobody can name before, so any https: page may stand there; what may run in
our own page is the provider's script and ours.

A page that holds a form names in ``form-action`` the one origin the form may go to. Chromium and Safari hold the
redirects that follow the post to that directive as well (Firefox does not), so
  * where the partner answers our post with a redirect to another host, those browsers stop on our page; its script
    hears of that and tells the customer. Hosts that are known only after the post cannot be named before it.
  * an accepted clarification is best answered with the waiting page itself (200): a redirect that ends at the
    partner would be stopped. The waiting page goes on to its own address wherever it stands.
"""

from __future__ import annotations

from collections.abc import Collection

_FEATURES = ("camera=()", "geolocation=()", "microphone=()")


def shared_headers() -> dict[str, str]:
    """What every answer has, a redirect too."""
    return {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff"}


def page_headers(
    nonce: str,
    *,
    script: bool = False,
    asks_state: bool = False,
    form_action: str = "'none'",
    images: str = "",
    widget: Collection[str] = (),
) -> dict[str, str]:
    """The headers of one page; ``images`` and ``widget`` are origins, ``form_action`` is what the policy says there."""
    hosts = " ".join(widget)
    sources = {
        "default-src": "'none'",
        "style-src": f"'nonce-{nonce}' {hosts}".rstrip(),
        # The widget places its frame with style attributes, which no nonce can stand beside.
        "style-src-attr": "'unsafe-inline'" if widget else "",
        "img-src": " ".join(dict.fromkeys(filter(None, [images, *widget]))),
        "script-src": f"'nonce-{nonce}' {hosts}".rstrip() if script else "",
        "connect-src": f"'self' {hosts}".rstrip() if asks_state else "",
        "frame-src": f"{hosts} https:" if widget else "",
        "form-action": form_action,
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    wallets = " ".join(f'"{origin}"' for origin in widget)
    return {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "; ".join(f"{name} {source}" for name, source in sources.items() if source),
        "permissions-policy": ", ".join([*_FEATURES, f"payment=({wallets})"]),
        "x-frame-options": "DENY",
        **shared_headers(),
    }
