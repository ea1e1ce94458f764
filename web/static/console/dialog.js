// One dialog at a time, over the work area only: the air bar and the tiles stay in sight.

import { el } from '../element.js';

let open = null;

/** True while a dialog stands. */
export function dialogOpen() {
  return open !== null;
}

/** `build(close)` returns {title, hint?, body: [nodes], foot: [nodes], wide?, onclose?}. The first
 *  node with `autofocus`, else the first control, has the focus; it goes back after closing. */
export function openDialog(build) {
  open?.();
  const before = document.activeElement;
  const work = document.querySelector('.work');
  const beneath = [...work.children];
  let parts = null;
  const close = () => {
    if (open !== close) return;
    open = null;
    veil.remove();
    for (const each of beneath) each.inert = false;
    parts.onclose?.();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  };
  parts = build(close);
  const dialog = el('div', { class: `dialog ${parts.wide ? 'dialog--wide' : ''}`.trim(), role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'dialog-title', tabindex: '-1' },
    el('header', { class: 'dialog__head' }, el('h2', { id: 'dialog-title' }, parts.title), parts.hint ? el('p', {}, parts.hint) : null),
    el('div', { class: 'dialog__body' }, ...parts.body),
    el('footer', { class: 'dialog__foot' }, ...parts.foot));
  const veil = el('div', { class: 'veil' }, dialog);
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'Tab') keepInside(dialog, event);
  });
  for (const each of beneath) each.inert = true;
  work.append(veil);
  open = close;
  (dialog.querySelector('[autofocus]') ?? dialog.querySelector('button, select, input') ?? dialog).focus();
  return close;
}

/** Closes what is open; true when there was something. */
export function closeDialog() {
  if (!open) return false;
  open();
  return true;
}

function keepInside(dialog, event) {
  const stops = [...dialog.querySelectorAll('button, select, input')].filter((each) => !each.disabled && each.offsetParent);
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}
