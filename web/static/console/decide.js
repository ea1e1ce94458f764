// The dialog of the decision: approve, pending with what is missing, or reject with a reason.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { OUTCOME_ICONS } from './decision-card.js';
import { Decisions } from './decisions.js';
import { openDialog } from './dialog.js';
import { iconHolder, keyButton, setAttribute, setIcon, setText } from './paint.js';
import { notApprovable, refusalWords, say } from './visit-state.js';

const OUTCOMES = [['approved', ''], ['pending', 'P'], ['rejected', 'R']];
const LONGEST = 300;
const NAMED = 3; // of each kind; more are counted

export class DecideDialog {
  #decisions;
  #draft;
  #view;
  #close;
  #choices = [];
  #lackWords = el('span');
  #lack = el('p', { class: 'tell tell--note' }, icon('info'), this.#lackWords);
  #groups = {};
  #message = el('input', { class: 'note', type: 'text', maxlength: LONGEST, autocomplete: 'off', 'data-name': 'message' });
  #problemWords = el('span');
  #problem = el('p', { class: 'tell', role: 'alert', hidden: true }, icon('alert'), this.#problemWords);
  #confirm;

  /** `who`: the visitor's name as the sheet has it; `onclose()`. */
  constructor(view, decisions, who, onclose) {
    this.#decisions = decisions;
    this.#view = view;
    const { flow, sheet } = view;
    this.#draft = decisions.draft(view, notApprovable(view).length ? 'pending' : 'approved');
    this.#confirm = keyButton('btn--main', () => this.#send());
    this.#confirm.node.dataset.name = 'confirm';
    this.#message.value = this.#draft.message;
    this.#message.addEventListener('input', () => { this.#draft.message = this.#message.value; });
    const choices = el('div', { class: 'choices choices--three', role: 'radiogroup', 'aria-label': t('decide.title') },
      ...OUTCOMES.map(([outcome, key]) => this.#choice(outcome, key)));
    const cancel = keyButton('', () => this.#close());
    cancel.draw({ word: t('cancel') });
    openDialog((close) => {
      this.#close = close;
      return {
        title: t(sheet.decision ? 'decide.correct.title' : 'decide.title'),
        hint: [who, sheet.ticket, say(flow.title)].filter(Boolean).join(' · '),
        body: [choices, this.#lack,
          this.#pills('pending', flow.missing), this.#pills('rejected', flow.rejections),
          el('label', { class: 'field' }, el('span', {}, t('decide.message', { language: t(`language.${sheet.language}`) })), this.#message),
          this.#problem],
        foot: [el('p', {}, t('decide.final')), cancel.node, this.#confirm.node],
        wide: 'mid',
        onkey: (event) => this.#key(event),
        onclose,
      };
    });
    this.draw(view);
    this.#choices.find(({ outcome }) => outcome === this.#draft.outcome)?.node.focus();
  }

  /** `view`: what is shown in the focused booth now. */
  draw(view) {
    const draft = this.#draft;
    if (this.#decisions.isOver(draft) || view?.sheet.visit !== draft.visit) {
      this.#close();
      return;
    }
    this.#view = view;
    const lacks = notApprovable(view);
    const sent = Decisions.isSent(draft);
    for (const choice of this.#choices) this.#drawChoice(choice, lacks, sent);
    this.#lack.hidden = lacks.length === 0;
    setText(this.#lackWords, lackWords(lacks));
    for (const [outcome, group] of Object.entries(this.#groups)) {
      group.node.hidden = draft.outcome !== outcome;
      for (const { name, node, holder } of group.pills) {
        const chosen = outcome === 'pending' ? draft.missing.includes(name) : draft.reason === name;
        setAttribute(node, 'aria-pressed', String(chosen));
        setIcon(holder, chosen ? 'check' : null);
        setAttribute(node, 'aria-disabled', sent ? 'true' : null);
      }
    }
    this.#message.readOnly = sent;
    const problem = draft.status === 'waiting' ? t('decide.waiting') : draft.status === 'refused' ? refusalWords(draft.code) : null;
    this.#problem.hidden = problem === null;
    setText(this.#problemWords, problem ?? '');
    this.#confirm.draw({ word: sent ? t('decide.sending') : this.#confirmWord(), key: 'Ctrl ↵', off: sent || !this.#ready(lacks) });
  }

  #choice(outcome, key) {
    const small = el('small');
    const node = el('button', { type: 'button', role: 'radio', class: 'choice', 'data-outcome': outcome },
      icon(OUTCOME_ICONS[outcome]), el('span', {}, t(`decide.${outcome}`)), key ? el('kbd', {}, key) : el('span'), small);
    node.addEventListener('click', () => this.#choose(outcome));
    this.#choices.push({ outcome, node, small });
    return node;
  }

  #drawChoice({ outcome, node, small }, lacks, sent) {
    const chosen = this.#draft.outcome === outcome;
    setAttribute(node, 'aria-checked', String(chosen));
    setAttribute(node, 'tabindex', chosen ? '0' : '-1');
    const barred = outcome === 'approved' && lacks.length > 0;
    setAttribute(node, 'aria-disabled', barred || (sent && !chosen) ? 'true' : null);
    setText(small, barred ? t('decide.approved.lacks', { n: lacks.length }) : t(`decide.${outcome}.means`));
  }

  #pills(outcome, reasons) {
    const pills = reasons.map(({ name, label }) => {
      const holder = iconHolder();
      const node = el('button', { type: 'button', class: 'btn', 'data-reason': name }, holder, el('span', {}, say(label)));
      node.addEventListener('click', () => this.#pick(outcome, name));
      return { name, node, holder };
    });
    const node = el('div', { class: 'field', role: 'group', 'aria-label': t(`decide.${outcome}.what`) },
      el('span', {}, t(`decide.${outcome}.what`)), el('div', { class: 'pills' }, ...pills.map((pill) => pill.node)));
    this.#groups[outcome] = { node, pills };
    return node;
  }

  #choose(outcome) {
    if (Decisions.isSent(this.#draft)) return;
    if (outcome === 'approved' && notApprovable(this.#view).length) return;
    this.#draft.outcome = outcome;
    this.draw(this.#view);
    this.#choices.find((choice) => choice.outcome === outcome).node.focus();
  }

  #pick(outcome, name) {
    const draft = this.#draft;
    if (Decisions.isSent(draft)) return;
    if (outcome === 'rejected') draft.reason = draft.reason === name ? null : name;
    else draft.missing = draft.missing.includes(name) ? draft.missing.filter((each) => each !== name) : [...draft.missing, name];
    this.draw(this.#view);
  }

  #ready(lacks) {
    const { outcome, missing, reason } = this.#draft;
    if (outcome === 'approved') return lacks.length === 0;
    return outcome === 'pending' ? missing.length > 0 : reason !== null;
  }

  #confirmWord() {
    const { outcome, missing } = this.#draft;
    return outcome === 'pending' && missing.length ? t('decide.pending.yes', { n: missing.length }) : t(`decide.${outcome}`);
  }

  #send() {
    if (!Decisions.isSent(this.#draft) && this.#ready(notApprovable(this.#view))) this.#decisions.send(this.#draft);
  }

  /** True when the key was the dialog's. */
  #key(event) {
    if (event.key === 'Enter' && event.ctrlKey) {
      this.#send();
      return true;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.target === this.#message) return false;
    const key = event.key.toLowerCase();
    const outcome = OUTCOMES.find(([, cap]) => cap && cap.toLowerCase() === key)?.[0];
    const step = { arrowright: 1, arrowdown: 1, arrowleft: -1, arrowup: -1 }[key];
    if (outcome) this.#choose(outcome);
    else if (step && event.target.getAttribute('role') === 'radio') this.#step(step);
    else return false;
    return true;
  }

  #step(step) {
    const open = OUTCOMES.map(([outcome]) => outcome).filter((each) => each !== 'approved' || !notApprovable(this.#view).length);
    this.#choose(open.at((open.indexOf(this.#draft.outcome) + step) % open.length));
  }
}

function lackWords(lacks) {
  const kinds = Map.groupBy(lacks, ({ reason }) => reason);
  return [...kinds].map(([reason, found]) => {
    const what = found.slice(0, NAMED).map((each) => each.what).join(', ');
    const more = found.length - NAMED;
    return t(`lacks.${reason}`, { what: more > 0 ? t('lacks.more', { what, n: more }) : what });
  }).join('. ');
}
