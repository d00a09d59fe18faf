/** What the page of `display` does: pages, a filter by label, one image enlarged. Text is set as text only. */

export const pageScript = `
'use strict';
(() => {
  const perPage = 96;
  const byId = (id) => document.getElementById(id);
  const cells = [...document.querySelectorAll('#images > li')];
  const dialog = byId('large');
  const label = byId('label');
  let chosen = cells; // those that pass the filter
  let page = 0;
  let enlarged = 0; // place in chosen

  const pages = () => Math.max(1, Math.ceil(chosen.length / perPage));

  const draw = () => {
    const first = page * perPage;
    const visible = new Set(chosen.slice(first, first + perPage));
    for (const cell of cells) cell.hidden = !visible.has(cell);
    byId('none').hidden = chosen.length > 0;
    byId('place').textContent =
      chosen.length === 0 ? '0' : (first + 1) + '–' + (first + visible.size) + ' of ' + chosen.length;
    byId('back').disabled = page === 0;
    byId('forth').disabled = page === pages() - 1;
  };

  const turn = (by) => {
    const to = Math.min(pages() - 1, Math.max(0, page + by));
    if (to === page) return;
    page = to;
    draw();
    scrollTo(0, 0);
  };

  const enlarge = (place) => {
    if (place < 0 || place >= chosen.length) return;
    enlarged = place;
    const cell = chosen[place];
    const image = byId('enlarged');
    image.src = cell.querySelector('img').src;
    image.alt = cell.dataset.facts;
    byId('facts').textContent = cell.dataset.facts;
    byId('earlier').disabled = place === 0;
    byId('later').disabled = place === chosen.length - 1;
    if (!dialog.open) dialog.showModal();
  };

  for (const cell of cells)
    cell.querySelector('button').addEventListener('click', () => enlarge(chosen.indexOf(cell)));
  byId('back').addEventListener('click', () => turn(-1));
  byId('forth').addEventListener('click', () => turn(1));
  byId('earlier').addEventListener('click', () => enlarge(enlarged - 1));
  byId('later').addEventListener('click', () => enlarge(enlarged + 1));
  byId('close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close(); // beside the image
  });
  dialog.addEventListener('close', () => {
    page = Math.floor(enlarged / perPage);
    draw();
    chosen[enlarged].querySelector('button').focus();
  });
  label?.addEventListener('change', () => {
    chosen = label.value === '' ? cells : cells.filter((cell) => cell.dataset.on.split(' ').includes(label.value));
    page = 0;
    draw();
  });
  document.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey || event.target === label) return;
    if (dialog.open) enlarge(enlarged + by);
    else turn(by);
    event.preventDefault();
  });

  document.documentElement.classList.add('script');
  draw();
})();
`;
