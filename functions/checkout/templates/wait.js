(() => {
  const { page, state } = document.getElementById("waiting").dataset;
  const end = Date.now() + 120000;
  let pause = 1000;
{# The page's own address, not a reload: what stands here may be the answer to a form. #}
  const move = () => location.replace(page);
  const settle = () => {
    document.getElementById("calm").hidden = true;
    document.getElementById("slow").hidden = false;
    document.body.classList.add("settled");
  };
  const ask = async () => {
    const patience = new AbortController();
    const bell = setTimeout(() => patience.abort(), 10000);
    try {
      const answer = await fetch(state, { cache: "no-store", signal: patience.signal });
      if (answer.status === 404 || (answer.ok && (await answer.json()).reload)) return move();
    } catch {
{# Offline for a moment: the next round asks again. #}
    } finally {
      clearTimeout(bell);
    }
    if (Date.now() > end) return settle();
    pause = Math.min(pause * 1.5, 5000);
    setTimeout(ask, pause);
  };
  setTimeout(ask, pause);
})();
