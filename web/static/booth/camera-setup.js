// Who sets the booth up says which camera is which, by looking at their pictures. `/booth#cameras`.

import { button, el } from '../element.js';
import { t } from '../i18n.js';
import { choices, found, keep, pick } from './cameras.js';

const ROLES = ['main', 'document', 'none'];
const WORDS = { main: 'setup.main', document: 'setup.document', none: 'setup.none_role' };

/** Stands over the page until it is done; then the page is loaded anew. */
export async function setUpCameras() {
  const list = el('div', { class: 'setup__list' });
  const told = el('p', { class: 'lead', role: 'status' }, t('setup.looking'));
  const save = button(t('setup.save'), 'check', 'btn--main', () => finish(true));
  const node = el('section', { class: 'setup', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'setup-title' },
    el('h1', { id: 'setup-title', tabindex: '-1' }, t('setup.title')), told, list,
    el('div', { class: 'acts' }, button(t('setup.cancel'), 'left', '', () => finish(false)), save));
  for (const each of document.body.children) each.inert = true;
  document.body.append(node);
  node.querySelector('h1').focus();

  const tracks = [];
  const roles = new Map(); // deviceId -> main, document or none
  const finish = (kept) => {
    for (const track of tracks) track.stop();
    if (kept) {
      const chosen = Object.fromEntries(ROLES.slice(0, 2).map((role) => {
        const device = all.find(({ deviceId }) => roles.get(deviceId) === role);
        return [role, device ? { id: device.deviceId, label: device.label } : null];
      }));
      keep(chosen);
    }
    window.location.reload();
  };

  let all = [];
  try {
    tracks.push(...(await navigator.mediaDevices.getUserMedia({ video: true })).getTracks());
    all = await found();
    for (const track of tracks.splice(0)) track.stop();
  } catch {
    all = [];
  }
  told.textContent = t(all.length ? 'setup.means' : 'setup.none');
  const before = choices();
  for (const role of ROLES.slice(0, 2)) {
    const device = pick(role, all, before);
    if (device) roles.set(device.deviceId, role);
  }
  if (all.length && ![...roles.values()].includes('main')) {
    const free = all.find(({ deviceId }) => !roles.has(deviceId));
    if (free) roles.set(free.deviceId, 'main');
  }
  const marks = [];
  const draw = () => {
    for (const { id, role, node: mark } of marks) mark.setAttribute('aria-pressed', String((roles.get(id) ?? 'none') === role));
  };
  for (const { deviceId: id, label } of all) {
    const video = el('video', { class: 'pic', playsinline: true });
    video.muted = true;
    const choose = (role) => {
      // One camera for each role.
      for (const [other, its] of roles) if (its === role && role !== 'none') roles.set(other, 'none');
      roles.set(id, role);
      draw();
    };
    const presses = ROLES.map((role) => {
      const press = button(t(WORDS[role]), null, '', () => choose(role), { 'data-role': role, 'aria-label': `${label}: ${t(WORDS[role])}` });
      marks.push({ id, role, node: press });
      return press;
    });
    list.append(el('figure', { class: 'setup__one', 'data-device': id }, el('div', { class: 'setup__pic' }, video), el('figcaption', {}, label), ...presses));
    navigator.mediaDevices.getUserMedia({ video: { deviceId: { exact: id }, width: { ideal: 640 } } }).then((stream) => {
      tracks.push(...stream.getTracks());
      video.srcObject = stream;
      video.play().catch(() => {});
    }, () => {}); // in use elsewhere: its name must do
  }
  draw();
}
