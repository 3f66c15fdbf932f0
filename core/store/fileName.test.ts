// File names are safe everywhere and never shared.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileNameOf, folderNameOf } from './fileName.ts'

test('any text gives a short lower-case name without dots, spaces or slashes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (id) => {
      expect(fileNameOf(id)).toMatch(/^[a-z0-9][a-z0-9-]{30,80}$/)
    }),
  )
})

test('ids that a disk might confuse have different names', () => {
  const ids = ['a', 'A', 'a.', 'a ', '.a', '-a', 'é', 'e\u0301', '\ud800', '\ud801', '\ufffd', '', '"', '\\', '\\u0022']
  const names = ids.map((id) => fileNameOf(id).toLowerCase().normalize('NFC'))
  expect(new Set(names).size).toBe(ids.length)
})

test('a folder is its collection in kebab case', () => {
  expect(folderNameOf('chatLinks2Go')).toBe('chat-links2-go')
})
