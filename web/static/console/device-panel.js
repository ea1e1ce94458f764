// Choosing and trying the officer's own camera, microphone and loudspeaker.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import './meter.js';
import { keyButton, setAttribute, setText } from './paint.js';
import { playTestTone } from './test-tone.js';

/** `node` to put on the page, `stop` when it goes. */
export class DevicePanel {
  #devices;
  #level;
  #onAir;
  #video = el('video', { class: 'pic', playsinline: true });
  #noPicture = el('p', { class: 'check__none' });
  #meter = el('vcs-level');
  #selects = {};
  #words = {};
  #cameraOn;
  #tone;
  #timer;
  #draw = () => this.draw();

  /** `devices`: OwnDevices; `level`: OwnLevel; `onAir()`: true while a test tone would be heard. */
  constructor(devices, level, onAir) {
    this.#devices = devices;
    this.#level = level;
    this.#onAir = onAir;
    this.#video.muted = true;
    this.#cameraOn = keyButton('', () => devices.choose({ cameraOn: !devices.choice.cameraOn }));
    this.#tone = keyButton('', () => playTestTone(devices.choice.loudspeaker));
    this.node = el('div', { class: 'check' },
      el('div', { class: 'check__self' },
        el('div', { class: 'check__view' }, this.#video, this.#noPicture),
        el('p', { class: 'check__advice' }, icon('info'), t('devices.headset'))),
      el('div', { class: 'check__fields' },
        this.#field('microphone', this.#meter),
        this.#field('loudspeaker', this.#tone.node),
        this.#field('camera', this.#cameraOn.node)));
    devices.addEventListener('change', this.#draw);
    this.#timer = setInterval(() => this.#measure(), 100);
    this.draw();
  }

  stop() {
    this.#devices.removeEventListener('change', this.#draw);
    clearInterval(this.#timer);
    this.#video.srcObject = null;
  }

  draw() {
    const devices = this.#devices;
    for (const name of ['microphone', 'loudspeaker', 'camera']) this.#drawChoices(name);
    for (const name of ['microphone', 'camera']) {
      const state = name === 'camera' && !devices.choice.cameraOn ? 'off' : devices[name];
      setText(this.#words[name], ['ok', 'off'].includes(state) ? '' : t(`devices.${name}.${state}`));
      this.#words[name].hidden = this.#words[name].textContent === '';
    }
    const track = devices.track('camera');
    if ((this.#video.srcObject?.getVideoTracks()[0] ?? null) !== track) {
      this.#video.srcObject = track ? new MediaStream([track]) : null;
      if (track) this.#video.play().catch(() => {}); // overtaken by the next one
    }
    this.#noPicture.hidden = track !== null;
    setText(this.#noPicture, t(devices.choice.cameraOn ? 'devices.no_picture' : 'devices.camera.name_shown'));
    this.#cameraOn.draw({ icon: devices.choice.cameraOn ? 'cam' : 'camoff', word: t(devices.choice.cameraOn ? 'devices.camera.turn_off' : 'devices.camera.turn_on') });
    this.#tone.draw({ icon: 'sound', word: t('devices.tone'), off: this.#onAir() });
    this.#meter.heard = true;
    setAttribute(this.#meter, 'aria-label', t('devices.level'));
  }

  #field(name, control) {
    const select = el('select', { class: 'note', 'data-device': name, 'aria-label': t(`devices.${name}`) });
    select.addEventListener('change', () => this.#devices.choose({ [name]: select.value }));
    this.#selects[name] = select;
    this.#words[name] = el('p', { class: 'check__problem', role: 'status', hidden: true });
    return el('div', { class: 'check__field', 'data-field': name },
      el('span', { class: 'check__name' }, icon({ microphone: 'mic', loudspeaker: 'sound', camera: 'cam' }[name]), t(`devices.${name}`)),
      select, control, this.#words[name]);
  }

  #drawChoices(name) {
    const select = this.#selects[name];
    const found = this.#devices.found[name].filter(({ id }) => id !== 'default' && id !== 'communications');
    const options = [{ id: '', label: t('devices.default') }, ...found];
    const wanted = JSON.stringify(options);
    if (select.dataset.options !== wanted) {
      select.dataset.options = wanted;
      select.replaceChildren(...options.map(({ id, label }, index) =>
        el('option', { value: id }, label || t('devices.nth', { n: index }))));
    }
    const { [name]: chosen } = this.#devices.choice;
    select.value = options.some(({ id }) => id === chosen) ? chosen : '';
  }

  #measure() {
    this.#meter.value = this.#level.level();
  }
}
