'use strict';
(function () {
  // A form with the class filters shows those of the elements with the class item that
  // match its fields. Without a script all of them are shown.
  const form = document.querySelector('form.filters');
  if (!form) return;
  form.hidden = false;
  // An item has pairs of words, severity:rule for one. Boxes choose the first words, a
  // list the second: the form names both. It also names what it counts, if not findings.
  const [boxes, list] = (form.dataset.pairs || 'severity rule').split(' ');
  const noun = form.dataset.noun;
  const items = Array.from(document.querySelectorAll('.item'), function (element) {
    const group = element.closest('.group');
    const heading = group ? group.querySelector('h2').textContent : '';
    return {
      element: element,
      text: (heading + ' ' + element.textContent).toLowerCase(),
      // The pairs, the inputs and the namespaces of the item.
      findings: (element.dataset.findings || '').split(' ').map(function (pair) { return pair.split(':'); }),
      inputs: (element.dataset.inputs || '').split('\n'),
      namespaces: (element.dataset.namespaces || '').split('\n'),
    };
  });
  const groups = Array.from(document.querySelectorAll('.group'));
  const count = form.querySelector('output');
  const names = [list, 'input', 'namespace', 'search'].filter(function (name) { return form.elements[name]; });

  // The address keeps the filter, so that it can be passed on: #severity=high&rule=…
  function load() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    for (const name of names) {
      if (wanted.has(name)) form.elements[name].value = wanted.get(name);
    }
    if (!wanted.has(boxes)) return;
    for (const box of form.elements[boxes]) {
      box.checked = wanted.getAll(boxes).includes(box.value);
    }
  }
  function save() {
    const wanted = new URLSearchParams();
    const all = Array.from(form.elements[boxes]);
    for (const box of all) {
      if (box.checked && all.some(function (b) { return !b.checked; })) wanted.append(boxes, box.value);
    }
    for (const name of names) {
      if (form.elements[name].value) wanted.set(name, form.elements[name].value);
    }
    try {
      history.replaceState(null, '', '#' + wanted);
    } catch (e) { /* some browsers refuse this for files */ }
  }

  function apply() {
    const data = new FormData(form);
    const chosen = data.getAll(boxes);
    const second = data.get(list), input = data.get('input'), namespace = data.get('namespace');
    const words = (data.get('search') || '').toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0, places = 0;
    for (const item of items) {
      const matching = item.findings.filter(function (f) {
        return chosen.includes(f[0]) && (!second || f[1] === second);
      });
      const matches = matching.length > 0 &&
        (!input || item.inputs.includes(input)) &&
        (!namespace || item.namespaces.includes(namespace)) &&
        words.every(function (word) { return item.text.includes(word); });
      item.element.hidden = !matches;
      if (matches) {
        shown += matching.length;
        places++;
      }
    }
    for (const group of groups) {
      group.hidden = !group.querySelector('.item:not([hidden])');
    }
    if (noun) {
      count.textContent = places + ' ' + noun;
      return;
    }
    count.textContent = shown + (shown === 1 ? ' finding at ' : ' findings at ') + places + (places === 1 ? ' place' : ' places');
  }
  form.addEventListener('input', function () { apply(); save(); });
  form.addEventListener('reset', function () { setTimeout(function () { apply(); save(); }); });
  form.addEventListener('submit', function (event) { event.preventDefault(); });
  addEventListener('hashchange', function () { load(); apply(); });
  load();
  apply();

  // What is folded is printed too.
  let folded = [];
  addEventListener('beforeprint', function () {
    folded = Array.from(document.querySelectorAll('details:not([open])'));
    for (const d of folded) d.open = true;
  });
  addEventListener('afterprint', function () {
    for (const d of folded) d.open = false;
  });
})();
