// Telling others how to write to me.

import { by_id, set_text } from './dom.js';
import { invitation_link, second_window_link } from './invitation.js';
import { shown_id } from './safe_text.js';

export class Share {
  constructor(me, signal) {
    const link = invitation_link(location, me);
    const ids = [by_id('share-id'), ...document.querySelectorAll('.share-id')];
    for (const element of ids) set_text(element, shown_id(me.id));
    set_text(by_id('share-project'), shown_id(me.project));
    by_id('second-window').href = second_window_link(location, me);
    const button = by_id('copy-invitation');
    set_text(button, 'Copy invitation link');
    button.addEventListener('click', () => copy(link, button), { signal });
  }
}

async function copy(link, button) {
  try {
    await navigator.clipboard.writeText(link);
    set_text(button, 'Link copied');
    set_text(by_id('copy-result'), 'Link copied.');
    setTimeout(() => {
      set_text(button, 'Copy invitation link');
      set_text(by_id('copy-result'), '');
    }, 3000);
  } catch {
    // Pages over plain http may not write to the clipboard: let the reader copy it.
    window.prompt('Copy this link:', link);
  }
}
