// PROV-07: a provider is one folder and one line; nothing else in the product knows that it exists.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { providerModules } from '../../core/providers/registry.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const FOLDERS = readdirSync(path.join(ROOT, 'core/providers'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

/** Lines of product code outside the provider's own folder that import from it, as "file: line". */
function linesThatImport(folder: string): string[] {
  const own = path.join('core/providers', folder)
  return ['core', 'bots', 'keeper', 'main.ts'].flatMap((top) =>
    filesOf(top)
      .filter((file) => !file.startsWith(`${own}/`))
      .flatMap((file) =>
        readFileSync(path.join(ROOT, file), 'utf8')
          .split('\n')
          .filter((line) => new RegExp(`['/]${folder}/\\w+\\.ts'`).test(line))
          .map((line) => `${file}: ${line.trim()}`),
      ),
  )
}

function filesOf(top: string): string[] {
  if (top.endsWith('.ts')) return [top]
  return readdirSync(path.join(ROOT, top), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/(^|\/)test[A-Z]|\.test\.ts$/.test(file))
    .map((file) => path.join(top, file))
}

test('each folder is a provider of that id, and each provider has a folder', () => {
  expect(providerModules.map(({ id }) => id).sort()).toEqual([...FOLDERS].sort())
})

// Necto's own sellers are ours: their listings are made in core/supply.
test.each(FOLDERS.filter((name) => name !== 'necto'))('%s is named in one line of the registry alone', (folder) => {
  expect(linesThatImport(folder)).toEqual([
    `core/providers/registry.ts: (await import('./${folder}/index.ts')).provider,`,
  ])
})

test("a provider's settings are its own", () => {
  const keys = providerModules.flatMap(({ settings }) => settings.map(({ key }) => key))
  expect(new Set(keys).size).toBe(keys.length)
})
