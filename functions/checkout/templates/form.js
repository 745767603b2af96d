{# The form itself is never touched: a field named "submit" or "addEventListener" hides the form's own methods. #}
(() => {
  const button = document.getElementById("continue");
  let sentAt = 0;
{# A press while the browser is already on its way would post a second time. #}
  document.addEventListener("submit", (event) => {
    if (Date.now() - sentAt < 5000) event.preventDefault();
    else sentAt = Date.now();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) sentAt = 0; });
{# Chromium and Safari hold redirects after the post to form-action too; the customer must not wait for nothing. #}
  document.addEventListener("securitypolicyviolation", (event) => {
    if (event.effectiveDirective === "form-action") document.getElementById("stopped").hidden = false;
  });
{# The mark stays with this entry of the history: coming back to it, or reloading it, shows the button only. #}
  if (!(history.state && history.state.sent)) {
    history.replaceState({ sent: true }, "");
    button.click();
  }
})();
