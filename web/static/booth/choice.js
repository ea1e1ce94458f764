// One of several, as large buttons.

import { button, el } from '../element.js';
import { icon } from '../icons.js';
import { say } from './pieces.js';

const NEXT = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** A group of radio buttons for `choices` of a flow; `changed` gets the name of the chosen one. */
export function choiceButtons(choices, value, label, changed) {
  const group = el('div', { class: 'choice', role: 'radiogroup', 'aria-label': label });
  const choose = (index) => {
    show(choices[index].name);
    group.children[index].focus();
    changed(choices[index].name);
  };
  const show = (chosen) => {
    choices.forEach(({ name }, index) => {
      const each = group.children[index];
      each.setAttribute('aria-checked', String(name === chosen));
      // One stop for the Tab key: the chosen one, or the first.
      const known = choices.some((choice) => choice.name === chosen);
      each.tabIndex = name === chosen || (!known && index === 0) ? 0 : -1;
    });
  };
  choices.forEach(({ name, label: words }, index) => {
    const each = button(say(words), null, 'choice__one', () => choose(index), {
      role: 'radio',
      'data-choice': name,
    });
    each.prepend(el('span', { class: 'choice__mark' }, icon('check')));
    each.addEventListener('keydown', (event) => {
      if (!(event.key in NEXT)) return;
      event.preventDefault();
      choose((index + NEXT[event.key] + choices.length) % choices.length);
    });
    group.append(each);
  });
  group.dataset.many = choices.length > 4;
  show(value);
  return group;
}
