// Starts Chromium for the browser tests; where there is none the tests say so and are skipped, except in CI.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
]
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Where the browser is; CHROMIUM_PATH goes first. */
export const findChromium = (): string | undefined =>
  process.env.CHROMIUM_PATH ?? PLACES.find((place) => existsSync(place))

/** Why no browser test can run here; undefined when they can. In CI they run all the same, and fail. */
export const noBrowser: string | undefined =
  findChromium() || process.env.CI
    ? undefined
    : `no Chromium was found (${PLACES.join(', ')}); install it or set CHROMIUM_PATH`

if (noBrowser) console.warn(`Browser tests are skipped: ${noBrowser}.`)

/** Throws when there is no Chromium. */
export async function launchChromium(): Promise<Browser> {
  const path = findChromium()
  if (!path) throw new Error(`Browser tests cannot run: no Chromium was found (${PLACES.join(', ')}).`)
  return chromium.launch({ executablePath: path, args: FLAGS })
}

/** A picture of the whole page, of a phone’s also at a desk’s width, in the folder NECTO_SHOTS_DIR, where that is set: for looking at, nothing compares them. */
export async function takeShot(page: Page, name: string): Promise<void> {
  const folder = process.env.NECTO_SHOTS_DIR
  if (!folder) return
  // What sticks to the window's edge stands where it belongs only at the top.
  await page.evaluate(() => window.scrollTo(0, 0))
  const size = page.viewportSize()
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
  if (!size || size.width > 600) return
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.screenshot({ path: join(folder, `${name}-1280.png`), fullPage: true })
  await page.setViewportSize(size)
}

/** Collects what the browser complains about: script errors, refused resources. */
export function watchComplaints(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  return complaints
}
