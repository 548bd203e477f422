// What a link to the page says about signing in, and links that say it.

/** `project`, `id`, `name` and `to` from a query string, those that are there. */
export function readInvitation(search) {
  const query = new URLSearchParams(search);
  const invitation = {};
  for (const field of ['project', 'id', 'name', 'to'])
    if (query.has(field)) invitation[field] = query.get(field).trim();
  return invitation;
}

/** A link to the page at `location` for someone who is to write to `me`. */
export function invitationLink(location, me) {
  const query = new URLSearchParams({ project: me.project, to: me.id });
  return `${location.origin}${location.pathname}?${query}`;
}

/** The same for another window of this very browser: asks for another id. */
export function secondWindowLink(location, me) {
  return `${invitationLink(location, me)}&id=&name=`;
}
