// A classic script, which runs where modules cannot: if a part of the page could not be had it says so, and tries
// again a few times. app.js takes `#starting` away when the page runs. If this file is missing too, the sentence in
// index.html stands there by itself after a while.

(() => {
  const key = 'klatch.starts';
  const mostRetries = 3;

  /** Longer each time, and spread: if many came at once, they do not come back at once. In milliseconds. */
  function delay(attempt) {
    return 1000 * 2 ** attempt * (0.5 + Math.random());
  }

  /** How often the page has been loaded in vain; if the browser keeps nothing, it is not loaded again by itself. */
  function retries() {
    try {
      return Number(sessionStorage.getItem(key));
    } catch (_) {
      return mostRetries;
    }
  }

  function remember(count) {
    try {
      if (count > 0) sessionStorage.setItem(key, count);
      else sessionStorage.removeItem(key);
      return true;
    } catch (_) {
      return false;
    }
  }

  function explain(starting) {
    const soFar = retries();
    const again = soFar < mostRetries && remember(soFar + 1);
    const [sentence] = starting.querySelectorAll('p');
    sentence.setAttribute('role', 'alert');
    sentence.textContent =
      'Klatch could not start: a part of the page did not come, or this browser is too old for it.' +
      (again ? ' Trying again in a moment.' : '');
    // By itself the link would leave the conversation that the address names.
    starting.querySelector('a').addEventListener('click', (event) => {
      event.preventDefault();
      location.reload();
    });
    starting.classList.add('failed');
    if (again) setTimeout(() => location.reload(), delay(soFar));
    else remember(0);
  }

  /** Returns whether a style sheet has come: one that was refused is there in some browsers, without a rule. */
  function hasRules({ sheet }) {
    try {
      return sheet.cssRules.length > 0;
    } catch (_) {
      return false;
    }
  }

  /** Without its style sheet the page runs, but not as it should look. */
  function loadAgain(link, attempt) {
    if (attempt > mostRetries) return;
    setTimeout(() => {
      const copy = link.cloneNode();
      copy.addEventListener('error', () => loadAgain(copy, attempt + 1));
      link.replaceWith(copy);
    }, delay(attempt - 1));
  }

  /** Every file has come by now or will not, and every module has run. */
  function loaded() {
    for (const link of document.querySelectorAll('link[rel=stylesheet]')) if (!hasRules(link)) loadAgain(link, 1);
    const starting = document.getElementById('starting');
    if (starting) explain(starting);
    else remember(0);
  }

  if (document.readyState === 'complete') loaded();
  else window.addEventListener('load', loaded);
})();
