// The decision in force, as it was told to the visitor.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { iconHolder, setAttribute, setIcon, setText } from './paint.js';
import { say } from './visit-state.js';

export const OUTCOME_ICONS = { approved: 'check', pending: 'pause', rejected: 'cross' };

export class DecisionCard {
  #icon = iconHolder();
  #title = el('b');
  #reference = el('span', { class: 'num' });
  #text = el('span');
  node = el('p', { class: 'decided', role: 'status', hidden: true }, this.#icon,
    el('span', {}, this.#title, this.#reference, this.#text));

  draw({ flow, sheet: { decision } }) {
    this.node.hidden = decision === null;
    if (!decision) return;
    setAttribute(this.node, 'data-outcome', decision.outcome);
    setIcon(this.#icon, OUTCOME_ICONS[decision.outcome]);
    setText(this.#title, t(`outcome.${decision.outcome}`));
    setText(this.#reference, decision.reference ? t('decided.reference', { reference: decision.reference }) : '');
    const why = [...labels(flow.rejections, [decision.reason]), ...labels(flow.missing, decision.missing)].join(', ');
    setText(this.#text, [why, decision.message].filter(Boolean).join(' · '));
  }

  clear() {
    this.node.hidden = true;
    for (const node of [this.#title, this.#reference, this.#text]) setText(node, '');
  }
}

function labels(reasons, names) {
  return reasons.filter(({ name }) => names.includes(name)).map(({ label }) => say(label));
}
