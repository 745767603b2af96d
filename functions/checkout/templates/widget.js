(() => {
  const { params, page, state } = document.getElementById("widget").dataset;
  const open = document.getElementById("open");
  const full = document.getElementById("full");
  const run = () => {
    try {
      EPayWidget.run(JSON.parse(params));
      open.hidden = false;
      full.className = "quiet";
    } catch {
{# The provider's script did not come, or does not know this browser. #}
      open.hidden = true;
      full.className = "button";
      document.getElementById("failed").hidden = false;
    }
  };
  open.addEventListener("click", run);
  run();
{# The widget tells us nothing that can be believed; the store knows when it is over. #}
  const end = Date.now() + 1800000;
  let pause = 2000;
  const look = async () => {
    try {
      const answer = await fetch(state, { cache: "no-store" });
      if (answer.status === 404 || (answer.ok && (await answer.json()).action === "done")) return location.replace(page);
    } catch {
{# Offline for a moment: the next round asks again. #}
    }
    pause = Math.min(pause * 1.2, 10000);
    if (Date.now() < end) setTimeout(look, pause);
  };
  setTimeout(look, pause);
})();
