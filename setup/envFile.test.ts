// The settings file: what is written is what Node reads, and what others wrote stays.
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEnvFile, settingsOf, withSettings, writeEnvFile } from './envFile.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'necto-env-'))
})
afterEach(() => rm(folder, { recursive: true }))

const noMeaning = () => undefined

test('whatever is typed is read back as it was, beside what stood there', () => {
  const value = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((text) => !/[\r\n]/.test(text) && text === text.trim())
  const name = fc.constantFrom('A_KEY', 'B_KEY', 'A', 'KEY')
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, value)),
      fc.constantFrom('', '# A=1\nOTHER="x # y"\n', 'A=old\nexport B_KEY = old'),
      (all, start) => {
        let text: string = start
        const expected = settingsOf(start)
        for (const [key, next] of all) {
          try {
            text = withSettings(text, { [key]: next }, noMeaning)
          } catch {
            // Every kind of quote in one value: refused, and nothing written.
            expect(['"', "'", '`'].filter((quote) => next.includes(quote)).length).toBeGreaterThan(1)
            continue
          }
          expected[key] = next
        }
        expect(settingsOf(text)).toEqual(expected)
      },
    ),
    { numRuns: 300 },
  )
})

test('comments, order and unknown lines stay; the last of two lines is the one that counts', () => {
  const text = '# head\nX=1\n\nA=1 # why\nA=2\nnot a setting\n'
  expect(withSettings(text, { A: '3', NEW: 'n', GONE: undefined }, (key) => `about ${key}`)).toBe(
    '# head\nX=1\n\nA=1 # why\nA=3\nnot a setting\n\n# about NEW\nNEW=n\n',
  )
  expect(withSettings('A=1\nAA=2', { A: undefined }, noMeaning)).toBe('A=\nAA=2')
  expect(() => withSettings('', { A: 'two\nlines' }, noMeaning)).toThrow('cannot be kept')
})

test('written whole and private, through a link, leaving nothing beside it', async () => {
  const real = path.join(folder, 'real')
  const link = path.join(folder, '.env')
  expect(await readEnvFile(link)).toBeUndefined()
  await writeFile(real, 'A=1', { mode: 0o644 })
  await symlink(real, link)
  await writeEnvFile(link, 'A=2')
  expect(await readFile(real, 'utf8')).toBe('A=2')
  expect((await stat(real)).mode & 0o777).toBe(0o600)
  expect((await readdir(folder)).sort()).toEqual(['.env', 'real'])
})

test('a place that cannot be written to says so', async () => {
  const file = path.join(folder, 'nowhere', '.env')
  await expect(writeEnvFile(file, 'A=1')).rejects.toThrow(`${file} cannot be written: nothing was changed in it.`)
  await expect(readEnvFile(folder)).rejects.toThrow('cannot be read')
})
