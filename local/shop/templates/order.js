(() => {
  const page = location.pathname;
  let known = "";
{# The server draws the page; the script only takes over the parts that have become different. #}
  const redraw = async () => {
{# Its style carries another nonce, and the browser would complain of it. #}
    const text = (await (await fetch(page)).text()).replace(/<style[^]*?<\/style>/, "");
    const drawn = new DOMParser().parseFromString(text, "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = drawn.getElementById(part.id);
      if (fresh && fresh.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
        part.innerHTML = fresh.innerHTML;
      }
    }
  };
  const look = async () => {
    try {
      const answer = await fetch(page + ".json");
      const said = answer.ok ? await answer.text() : known;
{# At the first look too: the payment may have moved on while the page was on its way. #}
      if (said !== known) {
        await redraw();
        known = said;
      }
    } catch {
{# The local system may be restarting: the next look asks again. #}
    }
    setTimeout(look, 1500);
  };
  look();
})();
