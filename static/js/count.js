// Counts again by itself on the shared screen; without it there is a link.
const count = document.getElementById("count");

async function again() {
  if (!document.hidden) {
    const answer = await fetch(location.href).catch(() => null);
    const page = answer?.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    const news = page?.getElementById("count");
    if (news && news.textContent !== count.textContent) count.replaceChildren(...news.childNodes);
  }
  setTimeout(again, 5000);
}

setTimeout(again, 5000);
