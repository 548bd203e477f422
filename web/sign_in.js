// The form to sign in with.

import { color_of_id, palette } from './colors.js';
import { by_id, make, set_text } from './dom.js';
import { check_identity } from './identity.js';
import { isolated, shown_id } from './safe_text.js';

const fields = ['name', 'id', 'project'];

export class SignIn {
  #form = by_id('sign-in-form');
  #to = '';
  #color_chosen = false;

  /** `on_sign_in(identity, to)` is called with a valid identity and the id that the link asked to write to. */
  constructor(on_sign_in) {
    this.#make_swatches();
    for (const field of fields) this.#input(field).addEventListener('input', () => this.#show_error(field, ''));
    this.#input('id').addEventListener('input', () => this.#suggest_color());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const { identity, errors } = check_identity(Object.fromEntries(new FormData(this.#form)));
      if (identity) on_sign_in(identity, this.#to);
      else this.#show_errors(errors);
    });
  }

  /** Shows the form with what is known already; `to` is kept for after it. */
  show(known, to) {
    this.#to = to;
    set_text(by_id('sign-in-lead'), lead(to));
    for (const field of fields) {
      this.#input(field).value = known[field] ?? '';
      this.#show_error(field, '');
    }
    this.#color_chosen = false;
    this.#suggest_color();
    if (known.id && palette.some(({ value }) => value === known.color)) {
      this.#form.elements.color.value = known.color;
      this.#color_chosen = known.color !== color_of_id(known.id);
    }
    (fields.map((field) => this.#input(field)).find(({ value }) => value === '') ?? this.#input('name')).focus();
  }

  #input(field) {
    return this.#form.elements[field];
  }

  /** The id's own colour, for as long as no other was chosen. */
  #suggest_color() {
    if (!this.#color_chosen) this.#form.elements.color.value = color_of_id(this.#input('id').value.trim());
  }

  #make_swatches() {
    for (const { name, value } of palette) {
      const input = make('input', { type: 'radio', name: 'color', value });
      input.addEventListener('change', () => (this.#color_chosen = true));
      const swatch = make('span', { className: 'swatch', 'aria-hidden': 'true' });
      swatch.style.setProperty('--swatch', value);
      by_id('swatches').append(
        make('label', { title: name }, input, swatch, make('span', { className: 'visually-hidden' }, name)),
      );
    }
  }

  #show_errors(errors) {
    for (const field of fields) this.#show_error(field, errors[field] ?? '');
    this.#input(fields.find((field) => errors[field])).focus();
  }

  #show_error(field, text) {
    set_text(by_id(`sign-in-${field}-error`), text);
    if (text) this.#input(field).setAttribute('aria-invalid', 'true');
    else this.#input(field).removeAttribute('aria-invalid');
  }
}

function lead(to) {
  if (to) return `You have been invited to write to ${isolated(shown_id(to))}. Pick who you are, in the same project.`;
  return 'Pick who you are. Whoever is in the same project can write to you by your id.';
}
