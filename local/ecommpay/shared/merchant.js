// The pretend platform's stand-in for ECommPay's widget: what PROTOCOL §4.4 says of it, and no more.
(() => {
  const base = new URL(document.currentScript.src).origin;
  let open = null;

  const frameFor = (target) => {
    const frame = document.createElement("iframe");
    frame.name = "epay";
    frame.title = "Payment Page";
    frame.allow = "payment";
    frame.className = "epay-frame";
    if (target) {
      document.getElementById(target).replaceChildren(frame);
      return frame;
    }
    const popup = document.createElement("dialog");
    popup.className = "epay-popup";
    popup.setAttribute("aria-label", "Payment Page");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "epay-close";
    close.textContent = "×";
    close.setAttribute("aria-label", "Close");
    close.addEventListener("click", () => popup.close());
    popup.addEventListener("close", () => popup.remove());
    popup.append(close, frame);
    document.body.append(popup);
    popup.showModal();
    open = popup;
    return frame;
  };

  const run = (params, method = "get") => {
    if (open) open.remove();
    const frame = frameFor(params.target_element);
    const fields = { frame_mode: params.target_element ? "iframe" : "popup", ...params };
    if (method.toLowerCase() === "get") {
      frame.src = `${base}/payment?${new URLSearchParams(fields)}`;
      return;
    }
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: `${base}/payment`, target: frame.name, hidden: true });
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
    form.remove();
  };

  // "parent_page": the page in the frame asks for the whole window to go back to the shop.
  addEventListener("message", (event) => {
    if (event.origin === base && event.data && event.data.epay === "leave") location.assign(event.data.url);
  });

  window.EPayWidget = { run, runEmbedded: run };
})();
