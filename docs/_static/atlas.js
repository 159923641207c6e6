/* Of the atlas: copy buttons, steps that unfold when they are linked to, the list's facets. */
"use strict";

const said = (button, text) => {
  const before = button.textContent;
  button.textContent = text;
  setTimeout(() => { button.textContent = before; }, 1500);
};

const latexOf = (equation) => // a formula's LaTeX is its annotation, in pieces
  [...equation.querySelectorAll(":is(.left, .right, .math) annotation")]
    .map((part) => part.textContent).join(" ");

const textOf = async (button) => {
  const { copy, formula } = button.dataset;
  if (copy !== undefined) return copy;
  if (formula !== undefined) return latexOf(document.getElementById(formula));
  const answer = await fetch(button.dataset.file);
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.text();
};

for (const equation of document.querySelectorAll(":is(.equation, div.math)[id]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy small";
  button.dataset.formula = equation.id;
  button.textContent = "LaTeX";
  button.title = "Copy this formula as LaTeX";
  (equation.querySelector(".reason") ?? equation).append(button);
}

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(await textOf(button));
      said(button, "Copied");
    } catch {
      said(button, "Not copied");
    }
  });
}

const unfold = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const folded = target && target.closest("details");
  if (folded) {
    folded.open = true;
    target.scrollIntoView();
  }
};
addEventListener("hashchange", unfold);
unfold();

const form = document.querySelector("form.narrow");
if (form) {
  const entries = [...document.querySelectorAll(".models > li")];
  const output = form.querySelector("output");
  const text = (entry) => `${entry.textContent} ${Object.values(entry.dataset).join(" ")}`;
  const texts = entries.map((entry) => text(entry).toLowerCase());
  const asked = () => [...new FormData(form)].filter(([, value]) => value !== "");

  const narrow = () => {
    const chosen = asked();
    let shown = 0;
    entries.forEach((entry, k) => {
      entry.hidden = !chosen.every(([facet, value]) => facet === "text"
        ? value.toLowerCase().split(/\s+/).every((word) => texts[k].includes(word))
        : entry.dataset[facet].split("|").includes(value));
      shown += !entry.hidden;
    });
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = !group.querySelector("li:not([hidden])");
    }
    output.textContent = `${shown} of ${entries.length} models`;
  };

  const remember = () => {
    history.replaceState(null, "", `#${new URLSearchParams(asked())}`);
    narrow();
  };

  const recall = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    for (const field of form.elements) {
      if (field.name) field.value = wanted.get(field.name) ?? "";
    }
    narrow();
  };

  form.hidden = false;
  form.addEventListener("input", remember);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(remember));
  addEventListener("hashchange", recall);
  recall();
}
