// Moves through a page with the keyboard alone, and fails where the focus cannot be seen.
import type { Locator, Page } from '@playwright/test';
import { expect } from './bank.ts';

/** More than any page has between two of its controls. */
const pressesMax = 60;

/** Presses Tab until the control has the focus. Each control on the way has to show that it has it. */
export async function tabTo(page: Page, control: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let presses = 0; presses < pressesMax; presses += 1) {
    await page.keyboard.press(key);
    expect(await focusIsVisible(page), `the focus shows on ${await focused(page)}`).toBe(true);
    if (await control.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${key} does not reach ${control.toString()}`);
}

/** An outline of its own or of what it stands in, as a radio button's is its label's; nothing has the focus: nothing to show. */
async function focusIsVisible(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    let element: Element | null = document.activeElement;
    if (element === document.body) return true;
    for (let level = 0; element && level < 3; level += 1, element = element.parentElement) {
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      if (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2) return true;
    }
    return false;
  });
}

async function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120) ?? 'nothing');
}
