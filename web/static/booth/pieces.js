// What the visitor's screens are made of.

import { icon } from '../icons.js';
import { language, t } from '../i18n.js';
import { el } from '../element.js';

/** Where reading goes on when a screen comes up. */
export const heading = (text, tag = 'h1') => el(tag, { tabindex: '-1' }, text);
export const h1 = (key, values) => heading(t(key, values));
export const lead = (key, values) => el('p', { class: 'lead' }, t(key, values));
export const hint = (key, values) => el('p', { class: 'hint' }, t(key, values));
export const sign = (name, kind = '') => el('span', { class: `sign ${kind}`.trim() }, icon(name));
export const stack = (kind, ...children) => el('div', { class: `stack ${kind}`.trim() }, ...children);
export const centre = (...children) => el('div', { class: 'center' }, ...children);
export const acts = (...children) => el('div', { class: 'acts' }, ...children);

export function item(name, key, smallKey = null) {
  const small = smallKey ? el('small', {}, t(smallKey)) : null;
  return el('li', {}, el('span', { class: 'disc' }, icon(name)), el('span', {}, t(key), small));
}

/** A text of a flow, which has both languages. */
export function say(words) {
  return words[language()];
}

/** The text of `key`, or that of `instead` where the page has none. */
export function tOr(key, instead, values) {
  const text = t(key, values);
  return text === key ? t(instead, values) : text;
}

/** What went wrong, and what to do about it. */
export function complaint(title, advice, more = {}) {
  return el(
    'p',
    { class: 'err', role: 'alert', ...more },
    icon('alert'),
    el('span', {}, el('b', {}, title), advice),
  );
}

/** A line of a list of what is done (true), wrong (false) or to come (null). */
export function checked(done, text) {
  const mark = { true: ['check', 'good'], false: ['cross', 'bad'], null: ['wait', 'later'] }[done];
  const line = el('li', { class: mark[1] }, icon(mark[0]), el('span', {}, text));
  line.append(el('span', { class: 'sr' }, ` ${t(`check.${mark[1]}`)}`));
  return line;
}

/** A wide button whose press does nothing yet is still there to be found, and says why. */
export function setReady(button, ready) {
  button.setAttribute('aria-disabled', String(!ready));
}

/** Calls `heard` with each key pressed anywhere while this screen stands (see `Stage`). */
export function onKeys(screen, heard) {
  const listener = (event) => {
    if (screen.isConnected && !event.ctrlKey && !event.metaKey && !event.altKey) heard(event);
  };
  document.addEventListener('keydown', listener);
  screen.addEventListener('gone', () => document.removeEventListener('keydown', listener));
}

/** Enter on a button presses that button and nothing else. */
export function onButton(event) {
  return event.target instanceof Element && event.target.closest('button') !== null;
}
