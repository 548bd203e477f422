// The form to sign in with.

import { colorOfId, palette } from '../text/colors.js';
import { make, part, setText } from './dom.js';
import { checkIdentity } from './identity.js';
import { isolated, shownId } from '../text/safe_text.js';

const fields = ['name', 'id', 'project'];

export class SignIn {
  #root;
  #form;
  #to = '';
  #colorChosen = false;

  /** `onSignIn(identity, to)` is called with a valid identity and the id that the link asked to write to. */
  constructor(root, onSignIn) {
    this.#root = root;
    this.#form = part(root, 'sign-in-form');
    this.#makeSwatches();
    for (const field of fields) this.#input(field).addEventListener('input', () => this.#showError(field, ''));
    this.#input('id').addEventListener('input', () => this.#suggestColor());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const { identity, errors } = checkIdentity(Object.fromEntries(new FormData(this.#form)));
      if (identity) onSignIn(identity, this.#to);
      else this.#showErrors(errors);
    });
  }

  /** Shows the form with what is known already; `to` is kept for after it. */
  show(known, to) {
    this.#to = to;
    setText(part(this.#root, 'sign-in-lead'), lead(to));
    for (const field of fields) {
      this.#input(field).value = known[field] ?? '';
      this.#showError(field, '');
    }
    this.#colorChosen = false;
    this.#suggestColor();
    if (known.id && palette.some(({ value }) => value === known.color)) {
      this.#form.elements.color.value = known.color;
      this.#colorChosen = known.color !== colorOfId(known.id);
    }
    (fields.map((field) => this.#input(field)).find(({ value }) => value === '') ?? this.#input('name')).focus();
  }

  #input(field) {
    return this.#form.elements[field];
  }

  /** The id's own colour, for as long as no other was chosen. */
  #suggestColor() {
    if (!this.#colorChosen) this.#form.elements.color.value = colorOfId(this.#input('id').value.trim());
  }

  #makeSwatches() {
    for (const { name, value } of palette) {
      const input = make('input', { type: 'radio', name: 'color', value });
      input.addEventListener('change', () => (this.#colorChosen = true));
      const swatch = make('span', { className: 'swatch', 'aria-hidden': 'true' });
      swatch.style.setProperty('--swatch', value);
      part(this.#root, 'swatches').append(
        make('label', { title: name }, input, swatch, make('span', { className: 'visually-hidden' }, name)),
      );
    }
  }

  #showErrors(errors) {
    for (const field of fields) this.#showError(field, errors[field] ?? '');
    this.#input(fields.find((field) => errors[field])).focus();
  }

  #showError(field, text) {
    setText(part(this.#root, `sign-in-${field}-error`), text);
    if (text) this.#input(field).setAttribute('aria-invalid', 'true');
    else this.#input(field).removeAttribute('aria-invalid');
  }
}

function lead(to) {
  if (to) return `You have been invited to write to ${isolated(shownId(to))}. Pick who you are, in the same project.`;
  return 'Pick who you are. Whoever is in the same project can write to you by your id.';
}
