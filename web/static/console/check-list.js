// The officer's check list: each line is open, passed or failed, and pressed from one to the next.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { iconHolder, Kept, setAttribute, setIcon, setText } from './paint.js';
import { allOf, say } from './visit-state.js';

const SIGNS = { open: null, passed: 'check', failed: 'cross' };
const NEXT = { open: true, passed: false, failed: null };

export class CheckList {
  #word = el('span');
  #count = el('span', { class: 'num' });
  #list = el('ul', { class: 'ticks' });
  #rows = new Kept(this.#list, (name) => this.#make(name));
  #act;
  #view = null;

  /** `act` {mark(view, check, passed)}. */
  constructor(act) {
    this.#act = act;
    this.node = el('section', {}, el('h3', { class: 'sheet__sec' }, this.#word, this.#count), this.#list);
  }

  draw(view, visits) {
    this.#view = view;
    const { flow, sheet } = view;
    const checks = allOf(flow, 'checks');
    this.node.hidden = checks.length === 0;
    setText(this.#word, t('checks.title'));
    setText(this.#count, `${checks.filter(({ name }) => name in sheet.marks).length}/${checks.length}`);
    const rows = this.#rows.of(checks.map(({ name }) => name));
    checks.forEach(({ name, label }, index) => {
      const row = rows[index];
      const mark = markOf(sheet, name);
      setText(row.word, say(label));
      setIcon(row.box, SIGNS[mark]);
      setAttribute(row.button, 'data-mark', mark);
      setAttribute(row.button, 'title', say(label));
      setAttribute(row.button, 'aria-label', `${say(label)}: ${t(`checks.${mark}`)}`);
      setAttribute(row.button, 'aria-disabled', sheet.decision ? 'true' : null);
      setAttribute(row.button, 'data-asked', visits.isAsked(sheet.visit, `check:${name}`) ? '' : null);
    });
  }

  #make(name) {
    const row = { box: iconHolder(), word: el('span') };
    row.button = el('button', { type: 'button', class: 'tick', 'data-check': name }, el('span', { class: 'box' }, row.box), row.word);
    row.button.addEventListener('click', () => {
      const { sheet } = this.#view;
      if (!sheet.decision) this.#act.mark(this.#view, name, NEXT[markOf(sheet, name)]);
    });
    row.node = el('li', {}, row.button);
    return row;
  }
}

function markOf(sheet, name) {
  if (!(name in sheet.marks)) return 'open';
  return sheet.marks[name] ? 'passed' : 'failed';
}
