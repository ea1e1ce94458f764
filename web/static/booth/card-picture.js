// A small drawing of an identity card that shows where its number stands.

const BARS = [[92, 52], [112, 70], [132, 44], [152, 78], [172, 58], [192, 66]];

export function cardPicture() {
  const bars = BARS.map(
    ([y, width], index) =>
      `<rect class="id__name" x="26" y="${y}" width="${46 + (index % 3) * 8}" height="8" rx="2"/>` +
      `<rect class="id__text" x="104" y="${y}" width="${width * 2}" height="8" rx="2"/>`,
  );
  const holder = document.createElement('span');
  holder.className = 'id';
  holder.innerHTML =
    '<svg viewBox="0 0 400 252" aria-hidden="true" focusable="false">' +
    '<rect class="id__ground" x="3" y="3" width="394" height="246" rx="16"/>' +
    '<rect class="id__text" x="130" y="22" width="140" height="8" rx="2"/>' +
    '<rect class="id__here" x="18" y="46" width="256" height="32" rx="6"/>' +
    '<rect class="id__number" x="26" y="56" width="240" height="12" rx="2"/>' +
    `${bars.join('')}<rect class="id__photo" x="296" y="92" width="78" height="104" rx="3"/></svg>`;
  return holder;
}
