// The verification sheet of a visit that goes through a flow: data, interview, checks, notes.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { CheckList } from './check-list.js';
import { DecisionCard } from './decision-card.js';
import { keyButton, setAttribute, setText } from './paint.js';
import { StepDone } from './step-done.js';
import { StepPath } from './step-path.js';
import { refusalWords, say } from './visit-state.js';

const FLAGS = [['prompted', 'K', 'msg'], ['broker', 'F', 'flag']];

export class FlowSheet {
  #name = el('h2');
  #hint = el('p');
  #refusal = el('span');
  #problem = el('p', { class: 'tell', role: 'alert', hidden: true }, icon('alert'), this.#refusal);
  #path;
  #checks;
  #flags;
  #signed = el('p', { class: 'signed' });
  #work;
  #columns;
  #more = []; // of a claim
  #decision;
  #notes;
  #end;
  #handOver;
  #from = el('span');
  #handed = el('p', { class: 'tell tell--info', hidden: true }, icon('swap'), this.#from);
  #decide;
  #view = null;

  /** `act` {end(), handOver(), decide()} and what the parts need; `notes`: Notes. */
  constructor(act, notes) {
    this.#path = new StepPath(act);
    this.#checks = new CheckList(act);
    this.#decision = new DecisionCard();
    this.#notes = notes;
    this.#flags = FLAGS.map(([name, key, iconName]) => {
      const flag = keyButton('flag', () => act.toggleFlag(name));
      flag.node.dataset.flag = name;
      return { name, key, icon: iconName, ...flag };
    });
    this.stepDone = new StepDone(act, [el('span', { class: 'flags' }, ...this.#flags.map(({ node }) => node))]);
    this.#end = keyButton('btn--quiet', () => act.end());
    this.#handOver = keyButton('btn--quiet', () => act.handOver());
    this.#handOver.node.dataset.name = 'hand-over';
    this.#decide = keyButton('btn--main', () => act.decide());
    this.#decide.node.dataset.name = 'decide';
    this.head = el('header', { class: 'sheet__head sheet__flowhead' }, el('div', { class: 'sheet__who' }, this.#name, this.#hint), this.#path.node);
    this.#work = el('section', { class: 'sheet__col', tabindex: '0' }, this.#signed, this.#checks.node);
    this.#columns = el('div', { class: 'sheet__cols' }, this.#work);
    this.body = el('div', { class: 'sheet__flow' },
      el('div', { class: 'sheet__tells' }, this.#problem, this.#handed, this.#decision.node),
      this.#columns,
      this.stepDone.node);
    this.foot = el('footer', { class: 'sheet__foot' }, this.#notes.node, this.#end.node, this.#handOver.node, this.#decide.node);
  }

  /** What a claim has beyond a plain talk. */
  join({ rows, interview }) {
    this.#more = [rows, interview];
    this.#columns.prepend(rows.node);
    this.#signed.after(interview.node);
  }

  /** `name`: whose sheet it is while no name is entered. */
  draw(view, visits, name) {
    this.#view = view;
    const { flow, sheet } = view;
    const decided = sheet.decision !== null;
    setText(this.#name, sheet.visitor ?? name);
    setText(this.#hint, [sheet.ticket, say(flow.title)].filter(Boolean).join(' · '));
    this.#path.draw(view);
    const code = visits.refusal(sheet.visit);
    this.#problem.hidden = code === null;
    if (code) setText(this.#refusal, refusalWords(code));
    this.#handed.hidden = !sheet.handed_over;
    setText(this.#from, sheet.handed_over ? t('sheet.handed_over', { reason: sheet.handed_over }) : '');
    this.#decision.draw(view);
    setAttribute(this.#work, 'aria-label', t('sheet.work'));
    for (const part of this.#more) part.draw(view, visits);
    this.#checks.draw(view, visits);
    for (const flag of this.#flags) {
      const raised = sheet.flags.includes(flag.name);
      flag.draw({ icon: flag.icon, word: t(`flag.${flag.name}`), key: flag.key, pressed: String(raised), off: decided });
      setAttribute(flag.node, 'data-asked', visits.isAsked(sheet.visit, `flag:${flag.name}`) ? '' : null);
    }
    this.#drawSigned(view);
    this.stepDone.draw(view, visits);
    this.#notes.draw(view);
    this.#end.draw({ icon: 'door', word: t('end'), key: 'E' });
    this.#handOver.draw({ icon: 'swap', word: t('hand_over'), key: 'H' });
    this.#decide.node.classList.toggle('btn--main', !decided);
    this.#decide.draw({ icon: decided ? 'again' : 'check', word: t(decided ? 'decide.correct' : 'decide'), key: 'D' });
  }

  /** Nobody's sheet: what stood there does not stay in the page, seen or not. */
  clear() {
    if (this.#view === null) return;
    this.#view = null;
    for (const node of [this.#name, this.#hint, this.#refusal, this.#from]) setText(node, '');
    for (const part of [...this.#more, this.#decision, this.#notes, this.stepDone]) part.clear();
  }

  #drawSigned({ flow, sheet }) {
    const wanted = flow.steps.filter(({ signature }) => signature);
    this.#signed.hidden = wanted.length === 0;
    const signed = wanted.every(({ name }) => sheet.signed.includes(name));
    setAttribute(this.#signed, 'data-signed', signed ? '' : null);
    setText(this.#signed, t(signed ? 'sheet.signed' : 'sheet.unsigned'));
  }
}
