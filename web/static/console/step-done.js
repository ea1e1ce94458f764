// Whose turn it is: what the present step still wants, and the button that completes an attended one.

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

  /** `act` {complete(view, step)}; `beside`: nodes between the words and the button. */
  constructor(act, beside) {
    this.#button = keyButton('', () => act.complete(this.#view, this.#view.sheet.step));
    this.#button.node.dataset.name = 'complete';
    this.node = el('div', { class: 'stepdone' }, this.#sign, el('p', { role: 'status' }, this.#title, this.#reason), ...beside, this.#button.node);
  }

  draw(view, visits) {
    this.#view = view;
    const { sheet } = view;
    const step = attendedStep(view);
    const turn = turnOf(view, step);
    setIcon(this.#sign, turn.icon);
    setAttribute(this.node, 'data-turn', turn.tone);
    setText(this.#title, turn.title);
    setText(this.#reason, turn.reason);
    setAttribute(this.#reason, 'title', turn.reason);
    this.#button.node.hidden = step === null;
    const asked = step !== null && visits.isAsked(sheet.visit, `step:${step.name}`);
    this.#button.draw({ icon: 'check', word: t(asked ? 'step.asked' : 'step.complete'), key: 'G', off: turn.tone !== 'ready' || asked });
  }

  clear() {
    this.#view = null;
    this.#button.node.hidden = true;
    setText(this.#reason, '');
    setAttribute(this.#reason, 'title', null);
  }

  /** The key: as if the button were pressed. */
  press() {
    if (!this.#button.node.hidden) this.#button.node.click();
  }
}

/** {tone, icon, title, reason}; tone is self, note, ready or done. */
function turnOf(view, attended) {
  const { flow, sheet, slot } = view;
  if (sheet.decision) return { tone: 'done', icon: 'check', title: t('step.decided'), reason: t('step.decided.means') };
  if (sheet.step === null) return { tone: 'note', icon: 'person', title: t('step.last'), reason: t('step.last.means') };
  if (!attended) {
    const step = flow.steps.find(({ name }) => name === sheet.step);
    const reason = sheet.still ? t('sheet.still') : lackWords(view) ?? t('step.whole');
    return { tone: sheet.still ? 'note' : 'self', icon: sheet.still ? 'wait' : 'touch', title: t('step.theirs', { step: say(step.title) }), reason };
  }
  const why = sheet.present ? lackWords(view) : t('step.absent', { n: slot });
  return { tone: why ? 'note' : 'ready', icon: why ? 'wait' : 'check', title: t('step.yours', { step: say(attended.title) }), reason: why ?? t('step.ready') };
}

/** What the present step still wants, in words; null: nothing. */
function lackWords({ flow, sheet }) {
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
