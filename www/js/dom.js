// The few helpers for the page that every module needs.

/** The element with this id; the page's own markup guarantees that it is there. */
export const byId = (id) => document.getElementById(id);

/**
 * A fresh copy of a <template>'s only child and its `data-part` elements by name.
 * @returns {{root: HTMLElement, parts: Record<string, HTMLElement>}}
 */
export function clone(templateId) {
  const root = byId(templateId).content.firstElementChild.cloneNode(true);
  const parts = {};
  for (const element of root.querySelectorAll("[data-part]")) parts[element.dataset.part] = element;
  if (root.dataset.part) parts[root.dataset.part] = root;
  return { root, parts };
}

/** Shows a state as a word for the eye and the ear, and as `data-state` for style and tests. */
export function showState(element, state, words) {
  element.dataset.state = state;
  if (element.textContent !== words) element.textContent = words;
}

/** Shows a problem until it is dismissed or followed by another. */
export function notify(sentence) {
  byId("notice-text").textContent = sentence;
  byId("notice").hidden = !sentence;
}

/** Says something to screen readers that others see elsewhere on the page. */
export function announce(sentence) {
  byId("announcer").textContent = sentence;
}
