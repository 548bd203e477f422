// Colours of names: what a user chose or the id gives, made readable on light and on dark ground.

export const palette = [
  { name: 'Teal', value: '#0f766e' },
  { name: 'Blue', value: '#2563eb' },
  { name: 'Violet', value: '#7c3aed' },
  { name: 'Pink', value: '#be185d' },
  { name: 'Red', value: '#c02626' },
  { name: 'Orange', value: '#c2410c' },
  { name: 'Olive', value: '#5f6f12' },
  { name: 'Grey', value: '#52606d' },
];

/** WCAG 2.2 AA asks for 4.5; the rest is for rounding. */
const leastContrast = 4.6;
/** The darkest ground of the light scheme that names stand on, and the lightest of the dark one; see style.css. */
const lightGround = [234, 231, 224];
const darkGround = [41, 48, 54];
const black = [0, 0, 0];
const white = [255, 255, 255];

/** The colour of a user who has chosen none: always the same for the same id. */
export function colorOfId(id) {
  let hash = 2166136261;
  for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0), 16777619) >>> 0;
  return palette[hash % palette.length].value;
}

/** Relative luminance of [red, green, blue] in 0…255: WCAG 2.2, from 0 (black) to 1 (white). */
function luminance(rgb) {
  const [r, g, b] = rgb.map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of two colours: WCAG 2.2, from 1 to 21. */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** `rgb` moved towards black or white by no more than it takes to be read on the light or the dark scheme. */
export function readable(rgb, scheme) {
  const [ground, end] = scheme === 'light' ? [lightGround, black] : [darkGround, white];
  for (let step = 0; step <= 20; ++step) {
    const mixed = rgb.map((channel, i) => Math.round(channel + ((end[i] - channel) * step) / 20));
    if (contrast(mixed, ground) >= leastContrast) return mixed;
  }
  return end;
}

/** [red, green, blue] of a six-digit hexadecimal colour. */
export function rgbOfHex(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

let canvas;

/** The canvas that knows colours; some readers' browsers have none for pages. */
function canvasOfOnePixel() {
  const element = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  return element.getContext('2d', { willReadFrequently: true });
}

/** [red, green, blue] of any CSS colour that can be seen, or nothing if `text` is none. Needs a document. */
function parseColor(text) {
  if (!text || text.length > 64) return undefined;
  canvas ??= canvasOfOnePixel();
  if (!canvas) return undefined;
  // An invalid colour leaves fillStyle as it was: two different starts tell it from a valid one.
  const normalized = ['#000000', '#ffffff'].map((start) => {
    canvas.fillStyle = start;
    canvas.fillStyle = text;
    return canvas.fillStyle;
  });
  if (normalized[0] !== normalized[1]) return undefined;
  // Opaque ones need no pixel to be read, which a browser may falsify.
  if (/^#[0-9a-f]{6}$/.test(normalized[0])) return rgbOfHex(normalized[0]);
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, alpha] = canvas.getImageData(0, 0, 1, 1).data;
  return alpha >= 128 ? [r, g, b] : undefined;
}

/** Gives `element` the custom properties that style.css reads the name's colour from. */
export function paintName(element, color, id) {
  const rgb = parseColor(color) ?? rgbOfHex(colorOfId(id));
  for (const scheme of ['light', 'dark'])
    element.style.setProperty(`--name-on-${scheme}`, `rgb(${readable(rgb, scheme).join(' ')})`);
}
