// The visitor's data, one row for each field of the flow, live: what is submitted, what is being
// typed, and what does not fit together any more.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { iconHolder, Kept, setAttribute, setIcon, setText } from './paint.js';
import { writtenNodes } from './values.js';
import { allOf, say } from './visit-state.js';

const SIGNS = { good: 'check', live: 'key', draft: 'key', bad: 'alert' };

export class SheetRows {
  #title = el('h3', { class: 'sheet__sec' });
  #list = el('dl', { class: 'rows' });
  #rows = new Kept(this.#list, makeRow);
  #typing = null;

  constructor() {
    this.node = el('section', { class: 'sheet__col', tabindex: '0' }, this.#title, this.#list);
  }

  draw({ flow, sheet }) {
    setText(this.#title, t('data.title'));
    setAttribute(this.node, 'aria-label', t('data.title'));
    const fields = allOf(flow, 'fields');
    this.node.hidden = fields.length === 0;
    const rows = this.#rows.of(fields.map(({ name }) => name));
    fields.forEach((field, index) => drawRow(rows[index], field, sheet, fields));
    const typing = `${sheet.visit} ${sheet.typing}`;
    if (sheet.typing !== null && typing !== this.#typing) {
      rows[fields.findIndex(({ name }) => name === sheet.typing)]?.node.scrollIntoView({ block: 'nearest' });
    }
    this.#typing = typing;
  }

  clear() {
    this.#rows.of([]);
  }
}

function makeRow() {
  const row = { key: el('dt'), value: el('span'), note: el('small'), icon: iconHolder(), word: el('span', { class: 'sr' }), written: '' };
  row.node = el('div', { class: 'row' }, row.key,
    el('dd', { class: 'num' }, row.value, row.note, row.word), el('dd', { class: 'row__sign' }, row.icon));
  return row;
}

function drawRow(row, field, sheet, fields) {
  const typing = sheet.typing === field.name;
  const draft = sheet.drafts[field.name];
  const answer = sheet.answers[field.name];
  const wrong = sheet.disagreements[field.name] ?? null;
  const value = draft ?? answer ?? '';
  const tone = typing ? 'live' : wrong ? 'bad' : draft !== undefined ? 'draft' : answer !== undefined ? 'good' : 'none';
  setText(row.key, say(field.label));
  setAttribute(row.key, 'title', say(field.label));
  const nodes = value === '' ? [typing ? '' : '–'] : writtenNodes(field, value, wrong && draft === undefined ? wrong.marked : []);
  const text = nodes.map((node) => node.outerHTML ?? node).join('');
  if (row.written !== text) {
    row.written = text;
    row.value.replaceChildren(...nodes);
  }
  setAttribute(row.node, 'data-tone', tone);
  setAttribute(row.node, 'data-field', field.name);
  setText(row.note, note(tone, wrong, field, fields));
  row.note.hidden = row.note.textContent === '';
  setIcon(row.icon, SIGNS[tone] ?? null);
  setText(row.word, tone === 'good' || tone === 'none' ? t(`data.${tone}`) : '');
}

function note(tone, wrong, field, fields) {
  if (tone === 'live' || tone === 'draft') return t(`data.${tone}`);
  if (!wrong) return '';
  const key = `problem.${wrong.code}`;
  const limit = wrong.code === 'date.not_before' ? field.before : field.after;
  const other = fields.find(({ name }) => name === limit);
  return t(key) === key ? t('problem.other') : t(key, { other: other ? say(other.label) : '', limit: field.max_length });
}
