// The questions that the server dealt, with what is on file beside them, and the officer's marks.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { Kept, setAttribute, setText } from './paint.js';
import { written } from './values.js';
import { allOf, say } from './visit-state.js';

export class Interview {
  #title = el('h3', { class: 'sheet__sec' });
  #hint = el('p', { class: 'sheet__hint' });
  #list = el('ul', { class: 'asks' });
  #rows = new Kept(this.#list, (name) => this.#make(name));
  #act;
  #view = null;

  /** `act` {markQuestion(view, question, right)}. */
  constructor(act) {
    this.#act = act;
    this.node = el('section', {}, this.#title, this.#hint, this.#list);
  }

  draw(view, visits) {
    this.#view = view;
    const { flow, sheet } = view;
    const pool = new Map(allOf(flow, 'questions').map((question) => [question.name, question]));
    const dealt = Object.values(sheet.dealt).flat().filter((name) => pool.has(name));
    this.node.hidden = pool.size === 0;
    setText(this.#title, t('interview.title'));
    this.#hint.hidden = dealt.length > 0;
    setText(this.#hint, t('interview.later'));
    const rows = this.#rows.of(dealt);
    dealt.forEach((name, index) => {
      const row = rows[index];
      const question = pool.get(name);
      const mark = sheet.question_marks[name] ?? null;
      setText(row.ask, say(question.ask));
      setText(row.file, onFile(question, flow, sheet));
      setAttribute(row.node, 'data-asked', visits.isAsked(sheet.visit, `question:${name}`) ? '' : null);
      for (const [right, node] of [[true, row.yes], [false, row.no]]) {
        setAttribute(node, 'aria-pressed', String(mark === right));
        setAttribute(node, 'aria-label', `${t(right ? 'interview.right' : 'interview.wrong')}: ${say(question.ask)}`);
        setAttribute(node, 'aria-disabled', sheet.decision ? 'true' : null);
      }
    });
  }

  clear() {
    this.#view = null;
    this.#rows.of([]);
  }

  #make(name) {
    const press = (right) => {
      const { sheet } = this.#view;
      if (sheet.decision) return;
      const now = sheet.question_marks[name] ?? null;
      this.#act.markQuestion(this.#view, name, now === right ? null : right);
    };
    const row = {
      ask: el('span'), file: el('small'),
      yes: el('button', { type: 'button', class: 'yes', onclick: () => press(true) }, icon('check')),
      no: el('button', { type: 'button', class: 'no', onclick: () => press(false) }, icon('cross')),
    };
    row.node = el('li', { 'data-question': name }, el('p', {}, row.ask, row.file), el('span', { class: 'yesno' }, row.yes, row.no));
    return row;
  }
}

function onFile({ liveness, on_file: name }, flow, sheet) {
  if (liveness) return t('interview.liveness');
  const field = allOf(flow, 'fields').find((each) => each.name === name);
  const answer = name && sheet.answers[name];
  return field && answer ? t('interview.file', { answer: written(field, answer) }) : t('interview.no_file');
}
