// When a new day begins for the reader: "Today" is "Yesterday" then.

/** A timer stands still while the device sleeps, and a clock may be set: the reader's return is looked at, too. */
const returns = ['visibilitychange', 'focus', 'pageshow'];

/** Calls `action` whenever the day by the device's clock is another one, until `signal` is aborted. */
export function onNewDay(action, signal) {
  let day = dayOf(Date.now());
  let timer;
  const look = () => {
    clearTimeout(timer);
    const now = Date.now();
    timer = setTimeout(look, msToMidnight(now));
    if (dayOf(now) === day) return;
    day = dayOf(now);
    action();
  };
  for (const event of returns) window.addEventListener(event, look, { signal, capture: true });
  signal.addEventListener('abort', () => clearTimeout(timer));
  look();
}

function dayOf(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** At most 25 hours: the days on which clocks are changed. A second more, so as not to be early. */
function msToMidnight(now) {
  return new Date(now).setHours(24, 0, 0, 0) - now + 1_000;
}
