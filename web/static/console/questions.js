// The dialogs that ask something or list the keys.

import { button, el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { DevicePanel } from './device-panel.js';
import { openDialog } from './dialog.js';
import { who } from './sight.js';

const KEYS = [
  ['1–6', 'help.talk'], ['Esc', 'help.hold'], ['N', 'help.next'], ['A', 'help.announce'],
  ['C', 'help.capture'], ['V', 'help.compare'], ['X', 'help.back'], ['+ −', 'help.judge'], ['R', 'help.again'],
  [', .', 'help.turn'], ['P', 'help.crop'], ['Z', 'help.zoom'],
  ['K', 'help.prompted'], ['F', 'help.broker'], ['G', 'help.complete'], ['D', 'help.decide'],
  ['H', 'help.hand_over'], ['Y Q', 'help.offer'], ['↵', 'help.wrap_up'], ['B', 'help.break'],
  ['T', 'help.text'], ['E', 'help.end'], ['M', 'help.devices'], ['L', 'help.link'], ['?', 'help.keys'], ['Tab', 'help.tab'],
];

/** Ends the visit of whoever sits there now, and of nobody who sits down while the question stands. */
export function askEnd(tile, end) {
  openDialog((close) => ({
    title: t('end.title'),
    hint: who(tile),
    body: [el('p', { class: 'dialog__say' }, t('end.means')),
      el('p', { class: 'tell tell--info' }, icon('shield'), el('span', {}, t('end.wipes')))],
    foot: [el('p', {}, t('end.final')),
      button(t('cancel'), null, '', close, { autofocus: true }),
      button(t('end.yes'), 'door', 'btn--main', () => {
        close();
        end(tile.slot, tile.occupant);
      }, { 'data-name': 'confirm' })],
  }));
}

export function askLeave(visits, leave) {
  openDialog((close) => ({
    title: t('leave.title'),
    body: [el('p', { class: 'dialog__say' }, t('leave.means', { n: visits }))],
    foot: [el('p'), button(t('cancel'), null, '', close, { autofocus: true }),
      button(t('leave.yes'), 'power', 'btn--main', leave, { 'data-name': 'confirm' })],
  }));
}

export function showKeys() {
  openDialog((close) => ({
    title: t('help.title'),
    hint: t('help.field'),
    body: [el('dl', { class: 'keylist' }, ...KEYS.map(([key, words]) =>
      el('div', {}, el('dt', {}, el('kbd', {}, key)), el('dd', {}, t(words)))))],
    foot: [el('p', {}, t('help.mouse')), button(t('close'), null, '', close, { autofocus: true })],
    wide: 'mid',
  }));
}

export function showDevices(devices, level, onAir) {
  const panel = new DevicePanel(devices, level, onAir);
  openDialog((close) => ({
    title: t('devices.title'),
    hint: t('devices.hint'),
    body: [panel.node],
    foot: [el('p', {}, t('devices.kept')), button(t('close'), null, 'btn--main', close, { autofocus: true })],
    wide: true,
    onclose: () => panel.stop(),
  }));
}
