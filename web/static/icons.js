// Icons of all pages: 24x24, stroke 2, round ends. Drawn in the colour of the text around them.

const ICONS = {
  mic: '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11a7 7 0 0 0 14 0M12 18v3M8.5 21h7"/>',
  micoff: '<path d="M9 9v2a3 3 0 0 0 4.6 2.5M15 10.500V6a3 3 0 0 0-5.6-1.500M5 11a7 7 0 0 0 10.8 5.900M19 11a7 7 0 0 1-.7 3M12 18v3M8.5 21h7M4 3l16 18"/>',
  ear: '<path d="M6.5 9a5.5 5.5 0 0 1 11 0c0 3.2-2.3 4-3.1 5.9-.7 1.7-.6 5.1-3.5 5.100a3.4 3.4 0 0 1-3.4-3.200M9.5 9.500a2.5 2.5 0 0 1 5 0c0 1.7-1.7 2-1.7 3.7"/>',
  earoff: '<path d="M7.1 6.500A5.5 5.5 0 0 1 17.5 9c0 1.6-.6 2.6-1.3 3.500M13.3 17c-.4 1.7-.9 3-2.4 3a3.4 3.4 0 0 1-3.4-3.200M9.5 9.500a2.5 2.5 0 0 1 5 0M4 3l16 18"/>',
  cam: '<rect x="3" y="6.5" width="12.5" height="11" rx="2"/><path d="M15.5 11l5.5-3v8l-5.5-3z"/>',
  camoff: '<path d="M8.5 6.500h5a2 2 0 0 1 2 2v4M15.5 15.500a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 1.5-1.900M15.5 11l5.5-3v8l-2-1.100M4 3l16 18"/>',
  shot: '<path d="M4 8h3l1.7-2.500h6.600L17 8h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1z"/><circle cx="12" cy="13" r="3.5"/>',
  pause: '<path d="M8.5 6v12M15.5 6v12" stroke-width="3.5"/>',
  bell: '<path d="M6 16.500V11a6 6 0 0 1 12 0v5.500l1.5 1.500h-15zM10 20.800c.8 1 3.2 1 4 0M12 3v2"/>',
  wait: '<path d="M6.5 3h11M6.5 21h11M8 3v3.500l4 5.5-4 5.500V21M16 3v3.500L12 12l4 5.500V21"/>',
  empty: '<circle cx="12" cy="12" r="8.5" stroke-dasharray="3.4 3.270"/>',
  unplug: '<path d="M9 3v4M15 3v4M18 8v3a6 6 0 0 1-.5 2.400M14.5 16.400A6 6 0 0 1 6 11V8h2.500M12.5 8H18M12 17v4M4 3l16 18"/>',
  mega: '<path d="M4 10v4h3l8 4.500v-13L7 10zM18.5 9a4.2 4.2 0 0 1 0 6M8 14.500l1 5h2.500l-.8-3.5"/>',
  swap: '<path d="M4 8h14l-3.5-3.500M20 16H6l3.5 3.5"/>',
  check: '<path d="M5 12.500l4.5 4.500L19 7.5"/>',
  cross: '<path d="M6 6l12 12M18 6L6 18"/>',
  alert: '<path d="M12 4l9 16H3zM12 10v4.500M12 17.200v.1"/>',
  info: '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.500M12 7.600v.1"/>',
  help: '<circle cx="12" cy="12" r="9"/><path d="M9.4 9.600a2.6 2.6 0 1 1 3.7 2.300c-.7.4-1.1.9-1.1 1.800M12 16.800v.1"/>',
  note: '<path d="M5 4h14v12l-4 4H5zM15 20v-4h4M8.5 9h7M8.5 12.500h4.5"/>',
  cup: '<path d="M5 9h11v6a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4zM16 10.500h1.500a2.5 2.5 0 0 1 0 5H16M8.5 6V3.500M12.5 6V3.5"/>',
  door: '<path d="M3.5 21h17M6 21V3.500h8.500V21M14.5 5.500L18 7v14M11.5 12v.6"/>',
  again: '<path d="M20 12a8 8 0 1 1-2.5-5.800M20 3.500V8.500h-5"/>',
  turn: '<path d="M4 12a8 8 0 1 0 2.5-5.800M4 3.500V8.500h5"/>',
  crop: '<path d="M7 3v14h14M3 7h14v14"/>',
  minus: '<path d="M6 12h12"/>',
  flag: '<path d="M6 21V4h11.500l-3 4 3 4H6"/>',
  zoom: '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.500L21 21M10.5 8v5M8 10.500h5"/>',
  card: '<rect x="3" y="5" width="18" height="14" rx="2"/><circle cx="8.5" cy="10.5" r="2"/><path d="M5.5 16a3 3 0 0 1 6 0M14.5 10H18M14.5 14H18"/>',
  face: '<circle cx="12" cy="8.5" r="4"/><path d="M4.5 20.500a7.5 7.5 0 0 1 15 0"/>',
  doc: '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/>',
  globe: '<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c3.6 3 3.6 15 0 18M12 3c-3.6 3-3.6 15 0 18"/>',
  ticket: '<path d="M3.5 7h17v3.200a1.9 1.9 0 0 0 0 3.600V17h-17v-3.200a1.9 1.9 0 0 0 0-3.600zM14.5 10v.1M14.5 14v.1"/>',
  print: '<path d="M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z"/>',
  erase: '<path d="M9 6h11a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9l-6-6zM12 9.500l5 5M17 9.500l-5 5"/>',
  right: '<path d="M9 5l7 7-7 7"/>',
  left: '<path d="M15 5l-7 7 7 7"/>',
  lock: '<rect x="5" y="11" width="14" height="9.5" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
  shield: '<path d="M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6zM8.5 12l2.5 2.5 4.5-5"/>',
  msg: '<path d="M4 5h16v11H10.500L6 20v-4H4zM8 9h8M8 12.500h5"/>',
  sound: '<path d="M4 9.500v5h3.500L12 18.500v-13L7.5 9.500zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11"/>',
  person: '<circle cx="12" cy="7.5" r="3.8"/><path d="M5 20.500c0-4.2 3-6.5 7-6.500s7 2.3 7 6.5"/>',
  touch: '<path d="M10 12.500V5.300a1.8 1.8 0 0 1 3.6 0v5.900l4.3 1.100c1.1.3 1.8 1.3 1.6 2.400L18.6 20.500h-8L6 14.800c-.6-.8-.5-1.8.3-2.4.7-.5 1.6-.4 2.2.3z"/>',
  star: '<path d="M12 3.500l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.900L3.5 9.700l5.9-.8z"/>',
  wheel: '<circle cx="10" cy="4.5" r="1.8"/><path d="M10 8.500V14h5l2.5 5M10 10.800h4.500M7.7 11.700a5 5 0 1 0 6.5 6"/>',
  cane: '<circle cx="10" cy="4.5" r="1.8"/><path d="M10 8.500v5.500l-2.5 6.500M10 14l2.8 2.300v4.200M10 9.300l3.3 3h3.700M17 12v8.5"/>',
  mother: '<circle cx="11" cy="4.5" r="1.8"/><path d="M10.5 8.500v12M10.5 8.700c3.2.5 5 3 5 6h-5M14 15v5.5"/>',
  power: '<path d="M12 3v8.500M7 6.500a7.5 7.5 0 1 0 10 0"/>',
  key: '<rect x="2.5" y="6.5" width="19" height="11" rx="2"/><path d="M6.5 10v.1M10 10v.1M13.5 10v.1M17.5 10v.1M8 14h8"/>',
};

const SVG = 'http://www.w3.org/2000/svg';

/** An SVG element for one icon; unseen by screen readers, so a word stands beside it.
 *  Throws for a name that does not exist. */
export function icon(name, className = '') {
  if (!Object.hasOwn(ICONS, name)) throw new Error(`no icon is named ${name}`);
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', className ? `ico ${className}` : 'ico');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  svg.innerHTML = ICONS[name];
  return svg;
}
