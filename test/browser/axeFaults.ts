// What axe finds on a page: faults that keep somebody out.
import axe from 'axe-core'
import type { Page } from 'playwright-core'

interface AxeResult {
  readonly violations: { readonly id: string; readonly impact: string; readonly nodes: { readonly html: string }[] }[]
}

/** Serious and critical faults, with the place of each. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run(),
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`))
}
