// Small pictures of what became of a message of mine. They differ in shape; the words stand beside them.

const svg = 'http://www.w3.org/2000/svg';
const clock = 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 5v3.2l2 1.3';
const tick = 'M3.5 8.5l3 3 6-7';
const twoTicks = 'M.5 8.5l3 3 6-7M8 11l.5.5 6-7';
const cross = 'M4.5 4.5l7 7M11.5 4.5l-7 7';

const shapes = { sending: clock, sent: tick, delivered: twoTicks, read: twoTicks, failed: cross };

/** The picture for a state; of `read` the style sheet makes a filled one. */
export function statusIcon(state) {
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', shapes[state]);
  const icon = document.createElementNS(svg, 'svg');
  icon.setAttribute('viewBox', '0 0 16 16');
  icon.setAttribute('aria-hidden', 'true');
  icon.append(path);
  return icon;
}
