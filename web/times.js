// Times as people read them.

/** The page's words are English; how a time is written is the reader's own business. */
const english = navigator.languages.find((language) => /^en\b/.test(language)) ?? 'en-GB';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day_and_month = new Intl.DateTimeFormat(english, { weekday: 'long', day: 'numeric', month: 'long' });
const short_date = new Intl.DateTimeFormat(english, { day: 'numeric', month: 'short' });
const whole = new Intl.DateTimeFormat(english, { dateStyle: 'full', timeStyle: 'medium' });
const relative_day = new Intl.RelativeTimeFormat(english, { numeric: 'auto' });

/** The time of day: 14:03. */
export function time_of_day(at) {
  return clock.format(at);
}

/** Date and time in full. */
export function full_time(at) {
  return whole.format(at);
}

/** "today", "yesterday" or the date, with a capital where the language writes one at the start. */
export function day_name(at, now) {
  const days = days_between(at, now);
  const text = days < 2 ? relative_day.format(-days, 'day') : day_and_month.format(at);
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** As short as a list wants it: the time today, the date before. */
export function short_time(at, now) {
  return same_day(at, now) ? time_of_day(at) : short_date.format(at);
}

export function same_day(a, b) {
  return start_of_day(a) === start_of_day(b);
}

function days_between(at, now) {
  return Math.max(0, Math.round((start_of_day(now) - start_of_day(at)) / 86_400_000));
}

function start_of_day(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}
