// Writing to the page only what has changed: the console is drawn several times a second.

import { el } from '../element.js';
import { icon } from '../icons.js';

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Null and false take the attribute away. */
export function setAttribute(node, name, value) {
  if (value === null || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, String(value));
  }
}

/** Shows one icon in a holder made for it; null: none. */
export function setIcon(holder, name) {
  if (holder.dataset.icon === (name ?? '')) return;
  holder.dataset.icon = name ?? '';
  holder.replaceChildren(...(name ? [icon(name)] : []));
}

export function iconHolder(className = '') {
  return el('span', { class: `holder ${className}`.trim() });
}

/** A button whose word, icon and key cap may change. `draw({word, icon, key, off, pressed})`. */
export function keyButton(className, onclick) {
  const holder = iconHolder();
  const word = el('span');
  const cap = el('kbd');
  const node = el('button', { type: 'button', class: `btn ${className}`.trim() }, holder, word, cap);
  node.addEventListener('click', (event) => {
    if (node.getAttribute('aria-disabled') !== 'true') onclick(event);
  });
  const draw = (sight) => {
    setIcon(holder, sight.icon ?? null);
    holder.hidden = !sight.icon;
    setText(word, sight.word);
    setText(cap, sight.key ?? '');
    cap.hidden = !sight.key;
    setAttribute(node, 'aria-disabled', sight.off ? 'true' : null);
    if (sight.pressed !== undefined) setAttribute(node, 'aria-pressed', sight.pressed);
  };
  return { node, draw };
}

/** Children of `parent`, one for each name, kept for as long as the name is. `make(name)` gives
 *  {node, ...}; `of(names)` gives what was made, in this order. */
export class Kept {
  #parent;
  #make;
  #made = new Map();

  constructor(parent, make) {
    this.#parent = parent;
    this.#make = make;
  }

  of(names) {
    const before = [...this.#made.keys()];
    if (before.length !== names.length || before.some((name, index) => name !== names[index])) {
      const made = this.#made;
      this.#made = new Map(names.map((name) => [name, made.get(name) ?? this.#make(name)]));
      this.#parent.replaceChildren(...[...this.#made.values()].map(({ node }) => node));
    }
    return [...this.#made.values()];
  }
}
