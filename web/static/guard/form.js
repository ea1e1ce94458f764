// The left side: a new ticket, and the one that was just printed.

import { button, el } from '../element.js';
import { dateLocale, language, t } from '../i18n.js';
import { icon } from '../icons.js';

const SERVICE_ICONS = ['card', 'doc', 'info'];
const PRIORITIES = [['elderly', 'cane'], ['disabled', 'wheel'], ['pregnant', 'mother']];
const MAX_NAME = 60;

export class TicketForm {
  #root;
  #queue;
  #services = '';
  #issued = null;
  #problem = null;
  #busy = false;
  #wish = { flow: null, priority: null, name: '' };

  constructor(root, queue) {
    this.#root = root;
    this.#queue = queue;
  }

  /** Drawn anew when the services are known, after each act, and in another language. */
  draw(anew = false) {
    const services = this.#queue.standing?.services;
    if (!services) return;
    const known = services.map(({ flow }) => flow).join();
    if (!anew && known === this.#services) return;
    this.#services = known;
    this.#wish.flow ??= services[0]?.flow ?? null;
    this.#root.replaceChildren(...(this.#issued ? this.#slip(services) : this.#form(services)));
  }

  #form(services) {
    const name = el('input', {
      class: 'in', id: 'name', maxlength: MAX_NAME, autocomplete: 'off', placeholder: t('name.hint'),
      oninput: () => { this.#wish.name = name.value; },
    });
    name.value = this.#wish.name;
    return [
      el('form', { class: 'form', onsubmit: (event) => { event.preventDefault(); this.#print(); } },
        el('h1', {}, t('new')),
        this.#group('service', services.map((each, index) =>
          this.#pick('flow', each.flow, SERVICE_ICONS[Math.min(index, 2)], title(each)))),
        this.#group('priority', [
          this.#pick('priority', null, 'person', t('priority.none')),
          ...PRIORITIES.map(([value, name_]) => this.#pick('priority', value, name_, t(`priority.${value}`))),
        ], 'picks--small'),
        el('label', { class: 'cap', for: 'name' }, t('name')),
        name,
        this.#problem ? el('p', { class: 'problem', role: 'alert' }, icon('alert'), el('span', {}, t(`problem.${this.#problem}`))) : null,
        el('button', { type: 'submit', class: 'btn btn--main', disabled: this.#busy },
          icon('print'), el('span', {}, t(this.#busy ? 'busy' : 'print')))),
    ];
  }

  #group(key, picks, more = '') {
    return el('fieldset', {}, el('legend', { class: 'cap' }, t(key)), el('div', { class: `picks ${more}`.trim() }, ...picks));
  }

  #pick(field, value, name, text) {
    const input = el('input', {
      type: 'radio', name: field, value: value ?? '', checked: this.#wish[field] === value,
      onchange: () => { this.#wish[field] = value; },
    });
    return el('label', { class: 'pick' }, input, icon(name), el('span', {}, text), icon('check'));
  }

  #slip(services) {
    const ticket = this.#issued;
    const service = services.find(({ flow }) => flow === ticket.flow);
    const at = new Date(ticket.issued_at).toLocaleString(dateLocale(), { dateStyle: 'short', timeStyle: 'short' });
    const ahead = ticket.ahead === 0 ? t('ahead.none') : t('ahead', { n: ticket.ahead });
    const priority = ticket.priority ? `${t(`priority.${ticket.priority}`)}, ${t('first')}. ` : '';
    return [
      el('div', { class: 'issued' },
        el('div', { class: 'slip' },
          el('span', {}, this.#queue.standing.branch), el('b', { class: 'code' }, ticket.code),
          el('span', {}, title(service)), ticket.name ? el('span', {}, ticket.name) : null,
          drawing(ticket.qr), el('small', {}, at)),
        el('div', { class: 'told' },
          el('h1', { tabindex: '-1' }, t('printed', { code: ticket.code })),
          el('p', { class: 'hint' }, priority + ahead),
          el('p', { class: 'say' }, icon('info'), el('span', {}, t('seat'))),
          el('div', { class: 'acts' },
            button(t('next'), 'ticket', 'btn--main next', () => this.#next()),
            button(t('print.again'), 'print', '', () => window.print())))),
    ];
  }

  async #print() {
    if (this.#busy) return;
    this.#busy = true;
    this.#problem = null;
    this.draw(true);
    try {
      this.#issued = await this.#queue.issue(this.#wish);
    } catch (error) {
      this.#problem = error.code === 'no_service' ? 'no_service' : 'unreachable';
    }
    this.#busy = false;
    this.draw(true);
    if (!this.#issued) return;
    this.#root.querySelector('h1').focus();
    window.print();
  }

  #next() {
    this.#issued = null;
    this.#wish = { flow: null, priority: null, name: '' };
    this.draw(true);
    this.#root.querySelector('input:checked')?.focus();
  }
}

function title(service) {
  return (language() === 'en' ? service?.title_en : service?.title_id) ?? '';
}

/** The server's drawing, as an element: nothing of it is run. */
function drawing(svg) {
  const found = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  found.setAttribute('class', 'qr');
  found.setAttribute('aria-hidden', 'true');
  return document.importNode(found, true);
}
