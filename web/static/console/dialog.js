// One dialog at a time, over the work area only: the air bar and the tiles stay in sight.

import { el } from '../element.js';

let open = null;
let keys = null; // of the open one
let bars = false; // keys of the page behind the open one do nothing
const WIDTHS = { true: 'dialog--wide', mid: 'dialog--mid' };
const CONTROLS = 'button, select, input, textarea';

/** True while a dialog stands. */
export function dialogOpen() {
  return open !== null;
}

/** True while a dialog keeps the page's own keys from acting. */
export function dialogBars() {
  return open !== null && bars;
}

/** `build(close)` returns {title, hint?, body: [nodes], foot: [nodes], wide?, onkey?,
 *  onclose?, modal?}. `wide`: true or `mid`. `modal` false: the page's keys go on acting, and the
 *  focus may leave it. `onkey(event)`: true when the key was the dialog's. The first node with
 *  `autofocus`, else the first control, has the focus; it goes back after closing. */
export function openDialog(build) {
  open?.();
  const before = document.activeElement;
  const work = document.querySelector('.work');
  const beneath = [...work.children];
  let parts = null;
  const close = () => {
    if (open !== close) return;
    open = null;
    keys = null;
    bars = false;
    veil.remove();
    for (const each of beneath) each.inert = false;
    parts.onclose?.();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  };
  parts = build(close);
  const body = el('div', { class: 'dialog__body' }, ...parts.body);
  if (!body.querySelector(CONTROLS)) body.tabIndex = 0; // to be scrolled by keys
  const dialog = el('div', { class: `dialog ${WIDTHS[parts.wide] ?? ''}`.trim(), role: 'dialog', 'aria-modal': String(parts.modal !== false), 'aria-labelledby': 'dialog-title', tabindex: '-1' },
    el('header', { class: 'dialog__head' }, el('h2', { id: 'dialog-title' }, parts.title), parts.hint ? el('p', {}, parts.hint) : null),
    body,
    el('footer', { class: 'dialog__foot' }, ...parts.foot));
  const veil = el('div', { class: 'veil' }, dialog);
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'Tab' && parts.modal !== false) keepInside(dialog, event);
  });
  for (const each of beneath) each.inert = true;
  work.append(veil);
  open = close;
  keys = parts.onkey ?? null;
  bars = parts.modal !== false;
  (dialog.querySelector('[autofocus]') ?? dialog.querySelector(CONTROLS) ?? dialog).focus();
  return close;
}

/** Gives a key to what is open; true when it was for it. */
export function dialogKey(event) {
  return keys?.(event) === true;
}

/** Closes what is open; true when there was something. */
export function closeDialog() {
  if (!open) return false;
  open();
  return true;
}

function keepInside(dialog, event) {
  const stops = [...dialog.querySelectorAll(`${CONTROLS}, .dialog__body[tabindex]`)].filter((each) => !each.disabled && each.tabIndex >= 0 && each.offsetParent);
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}
