// The end of a step: everything that was entered, to be changed or confirmed.

import { t } from '../i18n.js';
import { button, el } from '../element.js';
import { complaint, heading, say, setReady, stack, tOr } from './pieces.js';
import { written } from './written.js';

export function overviewScreen({ claim }) {
  const { step, tasks } = claim;
  const rows = tasks.map((task) => row(task, claim));
  const done = button(t(claim.busy ? 'form.busy' : 'overview.done'), 'check', 'btn--main btn--wide', () => claim.finishStep());
  setReady(done, !claim.busy);
  return el(
    'div',
    { class: 'split overview' },
    stack(
      '',
      el('div', {}, el('p', { class: 'form__step' }, say(step.title)), heading(t('overview.title'))),
      el('p', { class: 'lead' }, t('overview.lead')),
      claim.problem
        ? complaint(tOr(`problem.${claim.problem.code}`, 'problem.other'), t('problem.other.do'), { 'data-problem': claim.problem.code })
        : null,
      done,
    ),
    el('dl', { class: 'panel entries' }, ...rows),
  );
}

function row(task, claim) {
  const label = labelOf(task);
  const change = button(t('overview.change'), null, '', () => claim.change(task.name), {
    'aria-label': t('overview.change.of', { what: label }),
  });
  return el(
    'div',
    { class: 'entries__row', 'data-entry': task.name },
    el('div', {}, el('dt', {}, label), el('dd', {}, valueOf(task, claim))),
    change,
  );
}

function labelOf({ kind, wanted }) {
  return kind === 'signature' ? t('sign.title') : say(wanted.label);
}

function valueOf({ kind, name, wanted, done }, claim) {
  if (kind === 'field') {
    const value = claim.told.answers[name] ?? '';
    return value ? written(wanted, value) : t('overview.empty');
  }
  if (kind === 'capture') {
    const taken = claim.told.pictures.some(({ capture }) => capture === name);
    return t(taken ? 'overview.photo' : 'overview.empty');
  }
  return t(done ? 'overview.signed' : 'overview.empty');
}
