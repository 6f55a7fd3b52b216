// Steps are put in order by buttons, and what is ticked is counted. The lists and boxes of the form stay what is sent.

const placeOf = (step) => step.querySelector("select");

function arrange(list) {
  const status = list.parentElement.querySelector("[role=status]");
  const steps = [...list.children];
  const given = steps.map((step) => placeOf(step).selectedIndex);
  if (!given.includes(0) && new Set(given).size === given.length) {
    list.append(...steps.sort((one, other) => placeOf(one).selectedIndex - placeOf(other).selectedIndex));
  }
  const number = () => [...list.children].forEach((step, index) => { placeOf(step).selectedIndex = index + 1; });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const step = button.closest("li");
    // It is the other one that moves, so that the button keeps the focus.
    if (button.dataset.move === "up") step.previousElementSibling && step.after(step.previousElementSibling);
    else if (step.nextElementSibling) step.before(step.nextElementSibling);
    number();
    button.scrollIntoView({ block: "nearest" });
    const select = placeOf(step);
    status.textContent = `${select.selectedOptions[0].text}: ${select.labels[0].textContent}`;
    select.dispatchEvent(new Event("change", { bubbles: true })); // for whoever keeps what is chosen
  });
  // Until something is moved nothing is chosen: the order in which the steps are met is nobody's answer.
  list.parentElement.querySelector("[data-how]").hidden = false;
  list.classList.add("is-arranged");
}

function count(group) {
  const number = group.querySelector("[data-count]");
  const tell = () => { number.textContent = group.querySelectorAll(":checked").length; };
  group.addEventListener("change", tell);
  tell();
  number.closest("[role=status]").hidden = false;
}

document.querySelectorAll("[data-arrange]").forEach(arrange);
document.querySelectorAll("[data-counted]").forEach(count);
