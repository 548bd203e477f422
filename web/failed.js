// Before all else: shows why there is no page when one of its files cannot be had, or not be read by an old browser.
// No module, and in the language of old browsers; app.js takes the sentence away once everything is there.

addEventListener(
  'error',
  function () {
    var sentence = document.getElementById('not-started');
    if (sentence) sentence.className += ' failed';
  },
  true,
);
