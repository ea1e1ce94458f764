// Making elements in one expression.

import { icon } from './icons.js';

/** An element with attributes (`class`, `aria-...`; functions are listeners: `onclick`; null and
 *  false are left out) and children (nodes and strings; null is left out). */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function button(text, iconName, className, onclick, more = {}) {
  return el(
    'button',
    { type: 'button', class: `btn ${className}`.trim(), onclick, ...more },
    iconName ? icon(iconName) : null,
    el('span', {}, text),
  );
}
