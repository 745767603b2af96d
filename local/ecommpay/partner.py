"""The partner's and the bank's page, where a person (or curl) decides how an attempt ends."""

from werkzeug.wrappers import Request, Response

from local.ecommpay import sale
from local.ecommpay.engine import Engine
from local.ecommpay.methods import CARD_PARTNER
from local.ecommpay.pages import money, page, see_other, web_address
from local.ecommpay.state import Payment

CHOICES = ("success", "decline", "cancel")


def show_partner(engine: Engine, request: Request) -> Response:
    """Show the partner's page for the form the customer's browser brought (`redirect_data.body`)."""
    with engine.store.lock:
        session = _dashed(request.form.get("hsh", ""))
        payment = engine.store.find_by(session)
        if payment is None or payment.redirect is None:
            return _unknown()
        if payment.redirect.session == session and payment.redirect.data["body"] != request.form.to_dict():
            text = "The form must carry exactly the fields of redirect_data.body."
            return page("message.html", status=400, title="These are not the fields that were given", text=text)
        return _page(engine, payment, session)


def show_visit(engine: Engine, session: str) -> Response:
    """Show the page of one visit: the bank's by its own address, the partner's when it is reloaded."""
    with engine.store.lock:
        payment = engine.store.find_by(session)
        if payment is None or payment.redirect is None:
            return _unknown()
        return _page(engine, payment, session)


def decide(engine: Engine, request: Request, session: str) -> Response:
    """Take the person's choice and send the browser back to where the merchant wants it."""
    choice = request.form.get("outcome", "")
    if choice not in CHOICES:
        return page("message.html", status=400, title="Choose", text="outcome is success, decline or cancel.")
    with engine.store.lock:
        payment = engine.store.find_by(session)
        if payment is None or payment.redirect is None:
            return _unknown()
        if payment.redirect.session != session:
            return _over()
        operation = payment.operation(payment.redirect.operation_id)
        if operation.status != "awaiting redirect result":
            return _over()
        sale.take_decision(engine, payment, operation, choice)
        # Where another provider goes on, nothing is decided yet: neither success nor decline.
        back = way_back(engine, payment, "cancel" if payment.status == "processing" else choice)
    if back:
        return see_other(back)
    return page(
        "message.html", title="Thank you", text="The shop named no address to return to. You may close this page."
    )


def way_back(engine: Engine, payment: Payment, choice: str) -> str:
    """Return where the browser goes after the choice: Payment Page's result, or what `return_url` of the sale says."""
    if payment.page_token:
        return f"{engine.public_url}/payment/result/{payment.page_token}"
    names = {"success": ("success", "return"), "decline": ("decline", "return"), "cancel": ("return", "decline")}
    for name in names[choice]:
        url = web_address(payment.return_urls.get(name, ""))
        if url:
            return url
    return ""


def _page(engine: Engine, payment: Payment, session: str) -> Response:
    redirect = payment.redirect
    if redirect is None or redirect.session != session:
        return _over()
    operation = payment.operation(redirect.operation_id)
    if operation.status != "awaiting redirect result":
        return _over()
    place = "partner" if payment.method is CARD_PARTNER else "bank/pay"
    return page(
        "partner.html",
        title="The partner's page" if payment.method is CARD_PARTNER else "The bank's page",
        sum=money(payment.amount, payment.currency),
        payment_id=payment.payment_id,
        project_id=payment.project_id,
        address=f"{engine.public_url}/{place}/{session}",
        summary=payment.outcome.summary,
    )


def _dashed(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _unknown() -> Response:
    return page("message.html", status=404, title="Nothing to pay here", text="This visit is not known.")


def _over() -> Response:
    return page("message.html", status=409, title="This visit is over", text="The attempt has been decided already.")
