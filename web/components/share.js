// Telling others how to write to me.

import { byId, setText } from './dom.js';
import { invitationLink, secondWindowLink } from './invitation.js';
import { shownId } from '../text/safe_text.js';

export class Share {
  constructor(me, signal) {
    const link = invitationLink(location, me);
    const ids = [byId('share-id'), ...document.querySelectorAll('.share-id')];
    for (const element of ids) setText(element, shownId(me.id));
    setText(byId('share-project'), shownId(me.project));
    byId('second-window').href = secondWindowLink(location, me);
    const button = byId('copy-invitation');
    setText(button, 'Copy invitation link');
    button.addEventListener('click', () => copy(link, button), { signal });
  }
}

async function copy(link, button) {
  try {
    await navigator.clipboard.writeText(link);
    setText(button, 'Link copied');
    setText(byId('copy-result'), 'Link copied.');
    setTimeout(() => {
      setText(button, 'Copy invitation link');
      setText(byId('copy-result'), '');
    }, 3000);
  } catch {
    // Pages over plain http may not write to the clipboard: let the reader copy it.
    window.prompt('Copy this link:', link);
  }
}
