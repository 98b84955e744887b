// A table that is typed column by column: Enter and the arrows go down and up, the way a sheet of paper is read.
document.addEventListener("keydown", (event) => {
  const here = event.target.closest("input[data-column]");
  const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!here || !step || event.isComposing) return;
  const column = [...document.querySelectorAll(`input[data-column="${here.dataset.column}"]`)];
  const next = column[column.indexOf(here) + step];
  event.preventDefault();
  next?.focus();
  next?.select();
});
