// Making elements. Text goes in as text, never as markup.

/** An element with properties, `data-`/`aria-` attributes if the name has a hyphen or is `role`, and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'role' || name.includes('-')) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** Returns the part of a view with this id; `root` is the element that the view draws into. */
export function part(root, id) {
  return root.querySelector(`#${id}`);
}

/** Returns the element that has the focus in the tree of `root`, which may be that of a shadow root. */
export function focusedIn(root) {
  return root.getRootNode().activeElement;
}

/** Does what draws one part of the page. Returns false if that fails: the other parts are drawn all the same. */
export function wholeOrNot(draw) {
  try {
    draw();
    return true;
  } catch (error) {
    console.error('Klatch could not draw a part of the page:', error);
    return false;
  }
}

/** Returns whether a key belongs to an input method that composes: in Safari the last one shows it by its code alone. */
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** Gives an element a text, and leaves the document alone if it has that text already. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
