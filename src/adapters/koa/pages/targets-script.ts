/** Sorts and filters the targets page in the browser. Without scripts, the filter is a form that the server answers. */
export const TARGETS_SCRIPT = `
(() => {
  const table = document.querySelector('#targets');
  const filter = document.querySelector('#filter');
  if (!table || !filter) return;
  const groups = [...table.tBodies];
  const shown = document.querySelector('#shown');
  const texts = new Map(groups.map((group) => [group, group.textContent.toLowerCase()]));
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\\s+/);
    let count = 0;
    for (const group of groups) {
      group.hidden = !words.every((word) => texts.get(group).includes(word));
      if (!group.hidden) count++;
    }
    shown.textContent = count + ' of ' + groups.length + ' shown';
  };
  filter.form.querySelector('button').hidden = true;
  filter.form.addEventListener('submit', (event) => event.preventDefault());
  filter.addEventListener('input', apply);
  apply();
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const direction = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', direction === 1 ? 'ascending' : 'descending');
      const key = (group) => group.rows[0].cells[column].dataset.key;
      const compare = head.classList.contains('number')
        ? (a, b) => key(a) - key(b)
        : (a, b) => key(a).localeCompare(key(b), undefined, { numeric: true });
      groups.sort((a, b) => direction * compare(a, b));
      table.append(...groups);
    });
  });
})();
`;
