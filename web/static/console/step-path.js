// The steps of a visit in a row: done, now, later. A done one can be opened again.

import { button, el } from '../element.js';
import { t } from '../i18n.js';
import { openDialog } from './dialog.js';
import { iconHolder, Kept, setAttribute, setIcon, setText } from './paint.js';
import { say } from './visit-state.js';

const DECISION = 'decision';

export class StepPath {
  #list = el('ol', { class: 'path' });
  #items = new Kept(this.#list, (name) => this.#make(name));
  #act;
  #view = null;

  /** `act` {reopen(view, step)}. */
  constructor(act) {
    this.#act = act;
    this.node = this.#list;
  }

  draw(view) {
    this.#view = view;
    const { flow, sheet } = view;
    const steps = [...flow.steps.map(({ name, title }) => ({ name, title: say(title) })), { name: DECISION, title: t('path.decision') }];
    setAttribute(this.#list, 'aria-label', t('path.label'));
    const items = this.#items.of(steps.map(({ name }) => name));
    steps.forEach(({ name, title }, index) => {
      const item = items[index];
      const state = stateOf(name, sheet);
      setText(item.word, title);
      setText(item.state, t(`path.${state}`));
      setAttribute(item.node, 'data-step', state);
      setAttribute(item.node, 'aria-current', state === 'now' ? 'step' : null);
      setIcon(item.icon, state === 'done' ? 'check' : null);
      item.dot.hidden = state === 'done';
      const again = state === 'done' && name !== DECISION && sheet.decision === null;
      setAttribute(item.button, 'aria-disabled', again ? null : 'true');
      setAttribute(item.button, 'title', again ? t('path.reopen', { step: title }) : title);
    });
  }

  #make(name) {
    const item = { icon: iconHolder(), dot: el('span', { class: 'path__dot' }), word: el('span', { class: 'path__word' }), state: el('span', { class: 'sr' }) };
    item.button = el('button', { type: 'button' }, item.icon, item.dot, item.word, item.state);
    item.button.addEventListener('click', () => {
      if (item.button.getAttribute('aria-disabled') !== 'true') askReopen(this.#view, name, item.word.textContent, this.#act);
    });
    item.node = el('li', {}, item.button);
    return item;
  }
}

function stateOf(name, sheet) {
  if (name === DECISION) return sheet.decision ? 'done' : sheet.step === null ? 'now' : 'later';
  if (name === sheet.step && sheet.decision === null) return 'now';
  return sheet.finished.includes(name) ? 'done' : 'later';
}

function askReopen(view, step, title, act) {
  openDialog((close) => ({
    title: t('reopen.title', { step: title }),
    body: [el('p', { class: 'dialog__say' }, t('reopen.means'))],
    foot: [el('p'), button(t('cancel'), null, '', close, { autofocus: true }),
      button(t('reopen.yes'), 'again', 'btn--main', () => {
        close();
        act.reopen(view, step);
      }, { 'data-name': 'confirm' })],
  }));
}
