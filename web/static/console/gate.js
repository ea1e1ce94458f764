// Before the desk opens: which desk, and do the devices work. The press of the button is also what
// lets the browser play sound.

import { button, el } from '../element.js';
import { icon } from '../icons.js';
import { language, t } from '../i18n.js';
import { cover } from './cover.js';

/**
 * `me` from /api/me; `wanted`: the desk of the address, or null; `panel`: a DevicePanel's node.
 * `act` {open(deskId), language(), leave()}.
 */
export function showGate(me, wanted, panel, act) {
  let desk = me.desks.find(({ id }) => id === wanted) ?? me.desks[0];
  const choices = me.desks.map((each) => {
    const node = el('button', { type: 'button', class: 'choice', role: 'radio' }, icon('person'), el('span', {}, each.name), el('span'), el('small', {}, each.branch));
    node.addEventListener('click', () => {
      desk = each;
      draw();
    });
    return { each, node };
  });
  const draw = () => {
    for (const { each, node } of choices) node.setAttribute('aria-checked', String(each === desk));
  };
  draw();
  const several = me.desks.length > 1;
  cover(
    el('section', { class: 'gate' },
      el('header', { class: 'gate__head' },
        el('div', {}, el('h1', {}, several ? t('gate.title.choose') : desk.name), el('p', {}, several ? me.branch : desk.branch)),
        el('span', { class: 'me' }, icon('person'), me.display_name),
        el('a', { class: 'btn btn--quiet', href: '/cases' }, icon('doc'), el('span', {}, t('gate.cases'))),
        button(language() === 'id' ? 'English' : 'Bahasa Indonesia', 'globe', 'btn--quiet', act.language),
        button(t('leave'), 'power', 'btn--quiet', act.leave)),
      several ? el('div', { class: 'choices', role: 'radiogroup', 'aria-label': t('gate.title.choose') }, ...choices.map(({ node }) => node)) : null,
      panel,
      el('footer', { class: 'gate__foot' },
        el('p', {}, t('gate.means')),
        button(t('gate.open'), 'right', 'btn--main btn--large', () => act.open(desk.id), { autofocus: true, 'data-name': 'open' }))),
  );
}
