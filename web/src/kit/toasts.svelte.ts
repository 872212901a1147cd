// Short messages at the edge of the page. Screen readers hear them; they go by themselves unless they are errors.

type Toast = {
  id: number;
  kind: 'success' | 'info' | 'error';
  text: string;
  /** Where the text is not in the reader's language. */
  lang?: 'en' | undefined;
  href?: string;
  linkText?: string;
};

const shownMs = 7_000;
const shownMax = 4;

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #lastId = 0;

  add(toast: Omit<Toast, 'id'>): void {
    const id = (this.#lastId += 1);
    this.list = [...this.list.slice(1 - shownMax), { ...toast, id }];
    if (toast.kind !== 'error') setTimeout(() => this.remove(id), shownMs);
  }

  remove(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
