// Telling others how to write to me.

import { part, setText } from './dom.js';
import { invitationLink, secondWindowLink } from './invitation.js';
import { shownId } from '../text/safe_text.js';

export class Share {
  /** `picksId`: whoever opens the page says themselves who they are. */
  constructor(root, me, picksId, signal) {
    const link = invitationLink(location, me);
    const ids = [part(root, 'share-id'), ...root.querySelectorAll('.share-id')];
    for (const element of ids) setText(element, shownId(me.id));
    setText(part(root, 'share-project'), shownId(me.project));
    part(root, 'on-your-own').hidden = !picksId;
    part(root, 'second-window').href = secondWindowLink(location, me);
    const button = part(root, 'copy-invitation');
    setText(button, 'Copy invitation link');
    button.addEventListener('click', () => copy(link, button, part(root, 'copy-result')), { signal });
  }
}

async function copy(link, button, result) {
  try {
    await navigator.clipboard.writeText(link);
    setText(button, 'Link copied');
    setText(result, 'Link copied.');
    setTimeout(() => {
      setText(button, 'Copy invitation link');
      setText(result, '');
    }, 3000);
  } catch {
    // Pages over plain http may not write to the clipboard: let the reader copy it.
    window.prompt('Copy this link:', link);
  }
}
