(() => {
  const parts = () => document.querySelectorAll("[data-live]");
  const drawn = new Map();
  let timer = 0;
{# Buttons that need a script are shown with one. #}
  document.documentElement.classList.add("scripted");
  for (const part of parts()) drawn.set(part.id, part.innerHTML);

{# What stands in the forms goes along, so that the commands and the price follow what is chosen. #}
  const address = () => {
    const query = new URLSearchParams();
    for (const form of document.querySelectorAll("form[data-echo]")) {
      for (const [name, value] of new FormData(form)) query.set(name, value);
    }
    return query.size ? location.pathname + "?" + query : location.pathname;
  };

{# A new part in the place of an old one, which keeps what was typed, chosen, opened and focused. #}
  const replace = (part, text) => {
    const focus = part.contains(document.activeElement) ? document.activeElement : null;
    if (focus && focus.matches("input, select")) return;
    const open = [...part.querySelectorAll("details[open]")].map((each) => each.id);
    const typed = [...part.querySelectorAll("input[id], select[id]")].map((each) => [each.id, each.value]);
    part.innerHTML = text;
    drawn.set(part.id, text);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const [id, value] of typed) {
      const now = document.getElementById(id);
      if (now) now.value = value;
    }
    if (focus?.id) document.getElementById(focus.id)?.focus();
  };

{# The server draws the page; the script only takes over the parts that have become different. #}
  const redraw = async () => {
    const wanted = address();
    const answer = await fetch(wanted);
    if (!answer.ok) return;
{# Its style carries another nonce, and the browser would complain of it. #}
    const text = (await answer.text()).replace(/<style[^]*?<\/style>/, "");
    if (address() !== wanted) return;
    const fresh = new DOMParser().parseFromString(text, "text/html");
    for (const part of parts()) {
      const now = fresh.getElementById(part.id)?.innerHTML;
      if (now !== undefined && now !== drawn.get(part.id)) replace(part, now);
    }
  };

  const look = async () => {
    clearTimeout(timer);
    try {
      if (!document.hidden) await redraw();
    } catch {
{# The local system may be restarting: the next look asks again. #}
    }
    clearTimeout(timer);
    timer = setTimeout(look, 1500);
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    const code = document.getElementById(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
      document.getElementById("told").textContent = "Copied to the clipboard.";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  document.addEventListener("change", look);
  look();
})();
