// Times as people read them.

/** The page's words are English; how a time is written is the reader's own business. */
const english = navigator.languages.find((language) => /^en\b/.test(language)) ?? 'en-GB';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayAndMonth = new Intl.DateTimeFormat(english, { weekday: 'long', day: 'numeric', month: 'long' });
const shortDate = new Intl.DateTimeFormat(english, { day: 'numeric', month: 'short' });
const whole = new Intl.DateTimeFormat(english, { dateStyle: 'full', timeStyle: 'medium' });
const relativeDay = new Intl.RelativeTimeFormat(english, { numeric: 'auto' });

/** The time of day: 14:03. */
export function timeOfDay(at) {
  return clock.format(at);
}

/** Date and time in full. */
export function fullTime(at) {
  return whole.format(at);
}

/** "today", "yesterday" or the date, with a capital if the language writes one at the start. */
export function dayName(at, now) {
  const days = daysBetween(at, now);
  const text = days < 2 ? relativeDay.format(-days, 'day') : dayAndMonth.format(at);
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** As short as a list wants it: the time today, the date before. */
export function shortTime(at, now) {
  return sameDay(at, now) ? timeOfDay(at) : shortDate.format(at);
}

function sameDay(a, b) {
  return startOfDay(a) === startOfDay(b);
}

function daysBetween(at, now) {
  return Math.max(0, Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000));
}

/** When the day of `at` begins and ends for the reader, in milliseconds since 1970; it has 23 to 25 hours. */
export function dayOf(at) {
  return [startOfDay(at), new Date(at).setHours(24, 0, 0, 0)];
}

function startOfDay(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}
