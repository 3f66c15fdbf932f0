// The import rules of ARCHITECTURE.md, checked on every file: who may import whom, and what stands in only one folder.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')
const SKIPPED = new Set(['node_modules', '.runtime', '.git', 'artifacts', 'cache', 'abi', 'bytecode'])

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesBelow(file)
    return /\.(ts|sol)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [file] : []
  })
}

interface Import {
  readonly from: string
  readonly what: string
  readonly isType: boolean
}

const FILES = filesBelow('.').map((file) => path.normalize(file))
const source = new Map(FILES.map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]))
const TS = FILES.filter((file) => file.endsWith('.ts'))
// Helpers of tests stand beside the code they help; they are named for it and only tests import them.
const isTest = (file: string) =>
  /\.test\.ts$|(^|\/)test[A-Z]\w*\.ts$|^core\/store\/(storeContract|watchContract|storeModel|temporaryStore)\.ts$|Suite\.ts$/.test(
    file,
  ) || file.startsWith('test/')
const PRODUCT = TS.filter((file) => !isTest(file))

/** Every import with a path of the project resolved, packages by their name. */
const IMPORTS: Import[] = TS.flatMap((file) =>
  [
    ...(source.get(file) ?? '').matchAll(
      /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ].map(([, type, named, bare, dynamic]) => {
    const what = named ?? bare ?? dynamic ?? ''
    return {
      from: file,
      what: what.startsWith('.') ? path.join(path.dirname(file), what) : what,
      isType: type !== undefined,
    }
  }),
)
const ofProduct = IMPORTS.filter(({ from }) => PRODUCT.includes(from))
const top = (file: string) => file.split('/')[0] ?? ''
const show = (imports: readonly Import[]) => imports.map(({ from, what }) => `${from} imports ${what}`)

describe('import rules', () => {
  test('there is something to check', () => {
    expect(PRODUCT.length).toBeGreaterThan(150)
    expect(ofProduct.length).toBeGreaterThan(500)
  })

  test('core imports neither bots nor keeper, and these not each other', () => {
    const bad = ofProduct.filter(
      ({ from, what }) =>
        (top(from) === 'core' && ['bots', 'keeper'].includes(top(what))) ||
        (top(from) === 'bots' && top(what) === 'keeper') ||
        (top(from) === 'keeper' && top(what) === 'bots'),
    )
    expect(show(bad)).toEqual([])
  })

  test('setup is imported by nobody and leaves the keeper alone', () => {
    const bad = ofProduct.filter(
      ({ from, what }) =>
        (top(what) === 'setup' && top(from) !== 'setup') || (top(from) === 'setup' && top(what) === 'keeper'),
    )
    expect(show(bad)).toEqual([])
  })

  test('smoke is imported by nobody', () => {
    expect(show(ofProduct.filter(({ from, what }) => top(what) === 'smoke' && top(from) !== 'smoke'))).toEqual([])
  })

  test('nothing outside test/ imports test/', () => {
    expect(show(ofProduct.filter(({ from, what }) => top(from) !== 'test' && top(what) === 'test'))).toEqual([])
  })

  test('product code imports no test helper', () => {
    expect(show(ofProduct.filter(({ what }) => what.endsWith('.ts') && isTest(what)))).toEqual([])
  })

  test('router, pricing, record and the pages’ scripts run in a browser: no node: imports, no I/O, themselves or through what they import', () => {
    const pure = ['core/router/', 'core/pricing/', 'core/record/', 'bots/web/browser/']
    const seen = new Set<string>()
    const queue = PRODUCT.filter((file) => pure.some((folder) => file.startsWith(folder)))
    const bad: string[] = []
    while (queue.length > 0) {
      const file = queue.pop() ?? ''
      if (seen.has(file)) continue
      seen.add(file)
      for (const { what, isType, from } of IMPORTS.filter((one) => one.from === file)) {
        if (isType) continue
        if (what.startsWith('node:') || /^core\/(http|store|providers|zerog|log|runProcess|verifySources)/.test(what))
          bad.push(`${from} imports ${what}`)
        if (what.endsWith('.ts')) queue.push(what)
      }
    }
    expect(bad).toEqual([])
    expect(seen.size).toBeGreaterThan(30)
  })

  test('the server does not import the pages’ scripts, which need a page around them', () => {
    const bad = IMPORTS.filter(
      ({ from, what }) => what.startsWith('bots/web/browser/') && !from.startsWith('bots/web/browser/'),
    )
    expect(show(bad)).toEqual([])
  })

  test.each([
    ['ethers', 'core/zerog/'],
    ['@0gfoundation/0g-ts-sdk', 'core/zerog/'],
    ['@akashnetwork/akashjs', 'core/providers/akash/'],
    ['@aws-sdk/', 'core/providers/aws-spot/'],
    ['@gelatonetwork/automate-sdk', 'keeper/backstop/gelatoTask.ts'],
    ['@nosana/sdk', 'core/providers/nosana/'],
    ['discord.js', 'bots/discord/'],
    ['@resvg/resvg-js', 'bots/charts/'],
    ['esbuild', 'bots/web/'],
    ['grammy', 'bots/telegram/'],
    ['lowdb', 'core/store/'],
    ['node-cron', 'keeper/schedule.ts'],
    ['pino', 'core/log.ts'],
    ['prom-client', 'core/health/'],
    ['qrcode', 'bots/web/'],
    ['contracts/abi/', 'core/escrow/'],
  ])('%s is imported by %s alone', (name, folder) => {
    const all = ofProduct.filter(
      ({ from, what }) =>
        (what === name || what.startsWith(name.endsWith('/') ? name : `${name}/`)) && top(from) !== 'contracts',
    )
    expect(all.length).toBeGreaterThan(0)
    expect(show(all.filter(({ from }) => !from.startsWith(folder)))).toEqual([])
  })

  test('only files named main.ts build adapters', () => {
    const adapters =
      /\b(openLowdbStore|createZeroG|createTelegramChat|createDiscordChat|createTerminalChat|createProviders|createSender|createSellerApi|createLog)\(/
    const bad = PRODUCT.filter((file) => {
      const text = (source.get(file) ?? '').replace(/^export (async )?function \w+|^export const \w+ = /gm, '')
      return adapters.test(text) && path.basename(file) !== 'main.ts'
    })
    // The frame around every process makes its log before anything is composed.
    const known = ['core/log.ts', 'core/runProcess.ts', 'core/store/temporaryStore.ts']
    const builders = bad.filter(
      (file) =>
        !known.includes(file) &&
        !new RegExp(`export (async )?(function|const) (${adapters.source.slice(3, -3)})\\b`).test(
          source.get(file) ?? '',
        ),
    )
    expect(builders).toEqual([])
  })
})

describe('how files look', () => {
  const written = FILES.filter((file) => !file.endsWith('.config.ts'))

  test('the first line says what the file is', () => {
    const saysWhat = (line: string) => /^(\/\/|#!)/.test(line) && !line.includes('SPDX')
    // A contract begins with its licence and compiler.
    const bad = written.filter(
      (file) =>
        !(source.get(file) ?? '')
          .split('\n')
          .slice(0, file.endsWith('.sol') ? 4 : 1)
          .some(saysWhat),
    )
    expect(bad).toEqual([])
  })

  test('no file is over 350 lines (a contract: 500), the median is under 80', () => {
    const lines = FILES.map((file) => ({ file, count: (source.get(file) ?? '').split('\n').length - 1 }))
    expect(lines.filter(({ file, count }) => count > (file.endsWith('.sol') ? 500 : 350))).toEqual([])
    const counts = lines
      .filter(({ file }) => PRODUCT.includes(file))
      .map(({ count }) => count)
      .sort((a, b) => a - b)
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThan(80)
  })

  test('no path climbs three folders, but in test/world, which has folders of folders', () => {
    const bad = TS.filter(
      (file) => !file.startsWith('test/') && /from '\.\.\/\.\.\/\.\.\//.test(source.get(file) ?? ''),
    )
    expect(bad).toEqual([])
  })

  test('nothing is mocked, skipped or left to do', () => {
    const bad = TS.filter(
      (file) =>
        !file.startsWith('test/rules/') &&
        /\bvi\.(mock|fn|spyOn)\(|\.(only|todo)\(|\b(TODO|FIXME|XXX)\b/.test(source.get(file) ?? ''),
    )
    expect(bad).toEqual([])
  })
})
