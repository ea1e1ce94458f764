// The step that waits for the officer: what it still wants, and the button that completes it.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { iconHolder, keyButton, setAttribute, setIcon, setText } from './paint.js';
import { allOf, attendedStep, say } from './visit-state.js';

const NAMED = 2; // more than so many missing things are counted

export class StepDone {
  #sign = iconHolder();
  #title = el('b');
  #reason = el('small');
  #button;
  #view = null;

  /** `act` {complete(view, step)}. */
  constructor(act) {
    this.#button = keyButton('', () => act.complete(this.#view, this.#view.sheet.step));
    this.#button.node.dataset.name = 'complete';
    this.node = el('div', { class: 'stepdone' }, this.#sign, el('p', { role: 'status' }, this.#title, this.#reason), this.#button.node);
  }

  draw(view, visits) {
    this.#view = view;
    const step = attendedStep(view);
    this.node.hidden = step === null;
    if (!step) return;
    const { sheet } = view;
    const why = whyNot(view);
    setIcon(this.#sign, why ? 'wait' : 'check');
    setAttribute(this.node, 'data-ready', why ? null : '');
    setText(this.#title, t('step.yours', { step: say(step.title) }));
    setText(this.#reason, why ?? t('step.ready'));
    const asked = visits.isAsked(sheet.visit, `step:${step.name}`);
    this.#button.draw({ icon: 'check', word: t(asked ? 'step.asked' : 'step.complete'), key: 'G', off: why !== null || asked });
  }

  /** The key: as if the button were pressed; says in words why it cannot be. */
  press() {
    if (!this.node.hidden) this.#button.node.click();
  }
}

/** Why the step that waits cannot be completed now, in words; null: it can be. */
function whyNot(view) {
  const { flow, sheet } = view;
  if (!sheet.present) return t('step.absent', { n: view.slot });
  if (!sheet.lacks.length) return null;
  const names = new Map([...allOf(flow, 'fields'), ...allOf(flow, 'captures')].map(({ name, label }) => [name, say(label)]));
  const words = sheet.lacks.filter((name) => names.has(name)).map((name) => names.get(name));
  const questions = new Set(allOf(flow, 'questions').map(({ name }) => name));
  const unmarked = sheet.lacks.filter((name) => questions.has(name)).length;
  if (unmarked) words.push(t('step.lacks.marks', { n: unmarked }));
  for (const name of ['signature', 'questions']) if (sheet.lacks.includes(name)) words.push(t(`step.lacks.${name}`));
  const shown = words.slice(0, NAMED).join(', ');
  return words.length > NAMED ? t('step.lacks.more', { what: shown, n: words.length - NAMED }) : t('step.lacks', { what: shown });
}
