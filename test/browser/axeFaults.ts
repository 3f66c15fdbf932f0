// What holds for every page in every state: axe finds no serious fault, and nothing scrolls sideways.
import axe from 'axe-core'
import type { Page } from 'playwright-core'

interface AxeResult {
  readonly violations: { readonly id: string; readonly impact: string; readonly nodes: { readonly html: string }[] }[]
}

/** Serious and critical faults, with the place of each; "sideways" when the page is wider than its window. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run(),
  )
  // Only tables may scroll sideways, and they do so by themselves.
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return [
    ...serious.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`)),
    ...(isWide ? ['sideways'] : []),
  ]
}
