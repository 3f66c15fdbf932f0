// Only listed origins become links.
import { expect, test } from 'vitest'
import { createLinkCheck } from './links.ts'

const isAllowed = createLinkCheck(['https://necto.example', 'http://127.0.0.1:8080', 'http://plain.example'])

test.each([
  ['https://necto.example/pay/abc#key', true],
  ['http://127.0.0.1:8080/verify', true],
  ['https://necto.example.evil.com/', false],
  ['https://necto.example@evil.com/', false],
  ['https://user@necto.example/', false],
  ['https://necto.example:8443/', false],
  ['http://necto.example/', false],
  ['http://plain.example/', false],
  ['http://127.0.0.1:9090/', false],
  ['javascript:alert(1)//https://necto.example', false],
  ['tg://user?id=1', false],
  ['necto.example', false],
  ['', false],
])('%s: %s', (url, allowed) => {
  expect(isAllowed(url)).toBe(allowed)
})
