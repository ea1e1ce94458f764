// The decision, as the visitor is told it, and the slip that he takes home.

import { t } from '../i18n.js';
import { button, el } from '../element.js';
import { acts, heading, say, sign, stack } from './pieces.js';
import { masked, written } from './written.js';

const SIGNS = {
  approved: ['check', 'sign--ok'],
  pending: ['wait', 'sign--wait'],
  rejected: ['info', ''],
};

export function resultScreen({ claim, act, place }) {
  const { result } = claim.told;
  const facts = factsOf(claim);
  return el(
    'div',
    { class: 'split result', 'data-outcome': result.outcome },
    stack(
      '',
      sign(...SIGNS[result.outcome]),
      heading(t(`result.${result.outcome}`)),
      ...words(claim),
      acts(
        button(t('result.print'), 'print', 'btn--main', () => window.print()),
        button(t('result.finish'), null, 'result__finish', act.stop),
      ),
    ),
    el('div', { class: 'panel' }, list(facts)),
    slip(claim, facts, place),
  );
}

/** What comes next, or why not, and the officer's own words. */
function words({ flow, told }) {
  const { outcome, reason, missing, message } = told.result;
  const said = [];
  if (outcome === 'approved') said.push(el('p', { class: 'lead' }, say(flow.result)));
  if (outcome === 'rejected' && reason) {
    said.push(el('p', { class: 'lead' }, named(flow.rejections, reason)));
  }
  if (outcome === 'pending') {
    said.push(
      el('p', { class: 'lead' }, t('result.pending.lead')),
      el('ul', { class: 'missing' }, ...missing.map((name) => el('li', {}, named(flow.missing, name)))),
    );
  }
  if (message) said.push(el('p', { class: 'result__message' }, message));
  return said;
}

function factsOf({ flow, told }) {
  const account = answerOf('bank_account', flow, told);
  const phone = answerOf('phone', flow, told);
  return [
    ['result.service', say(flow.title)],
    ['result.reference', told.result.reference],
    account ? ['result.account', `${bankOf(flow, told)} ${masked(account)}`.trim()] : null,
    phone ? ['result.news', t('result.news.sms', { phone: masked(phone) })] : null,
  ].filter((fact) => fact && fact[1]);
}

function list(facts) {
  const rows = facts.map(([key, value]) => el('div', {}, el('dt', {}, t(key)), el('dd', {}, value)));
  return el('dl', { class: 'facts num' }, ...rows);
}

/** What is printed, and nothing else is. */
function slip(claim, facts, place) {
  const now = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'long', timeStyle: 'short' });
  return el(
    'section',
    { class: 'slip', 'aria-hidden': 'true' },
    el('p', { class: 'slip__brand' }, t('brand')),
    el('p', {}, place),
    el('p', {}, now.format(new Date())),
    el('p', { class: 'slip__outcome' }, t(`result.${claim.told.result.outcome}`)),
    ...words(claim),
    list(facts),
    el('p', {}, t('result.keep')),
  );
}

function answerOf(type, flow, told) {
  const fields = flow.steps.flatMap((step) => step.fields).filter((field) => field.type === type);
  return fields.map(({ name }) => told.answers[name]).find(Boolean) ?? null;
}

/** The bank beside its account: the choice that a flow calls `bank`. */
function bankOf(flow, told) {
  const fields = flow.steps.flatMap((step) => step.fields);
  const bank = fields.find(({ type, name }) => type === 'choice' && name === 'bank');
  return bank && told.answers.bank ? written(bank, told.answers.bank) : '';
}

function named(reasons, name) {
  const reason = reasons.find((each) => each.name === name);
  return reason ? say(reason.label) : name;
}
