// Answers as a person reads them: long numbers in groups, dates in words, choices by their label.

import { el } from '../element.js';
import { dateLocale } from '../i18n.js';
import { say } from './visit-state.js';

const GROUPED = new Set(['nik', 'membership', 'bank_account', 'phone']);
const GROUP = 4;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The text of an answer, or of what has been typed of it so far. */
export function written(field, value) {
  if (GROUPED.has(field.type)) return grouped(value).map(({ text }) => text).join('');
  if (field.type === 'date' && DATE.test(value)) return inWords(value);
  if (field.type === 'choice') return choice(field, value);
  return value.replace(/\s*\n\s*/g, ', ');
}

/** The same as nodes, with the characters at `marked` marked; not where it is put into words. */
export function writtenNodes(field, value, marked) {
  if (!marked.length || field.type === 'date' || field.type === 'choice') return [written(field, value)];
  const parts = GROUPED.has(field.type) ? grouped(value) : [...value].map((text, at) => ({ text, at }));
  return parts.map(({ text, at }) => (marked.includes(at) ? el('mark', {}, text) : text));
}

function grouped(value) {
  return [...value].flatMap((text, at) => (at > 0 && at % GROUP === 0 ? [{ text: ' ', at: -1 }, { text, at }] : [{ text, at }]));
}

function inWords(value) {
  const date = new Date(`${value}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return value;
  const style = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' };
  return date.toLocaleDateString(dateLocale(), style);
}

function choice(field, value) {
  const found = field.choices.find(({ name }) => name === value);
  return found ? say(found.label) : value;
}
