// Dispersed's signature against figures worked out apart from this code.
import { expect, test } from 'vitest'
import { canonicalQuery, signRequest } from './signRequest.ts'

const keys = { publicKey: 'pk_abc123', secretKey: 'sk_test' }
const nonce = 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6'

// By hand: printf '%s' 'pk_abc123|1706918400000|<nonce>|GET|/v1/jobs|limit=10&page=1|<sha256 of "">' | openssl dgst -sha256 -hmac sk_test
test('PROV-04 the four headers of a request without a body', () => {
  const query = canonicalQuery([
    ['page', '1'],
    ['limit', '10'],
  ])
  expect(query).toBe('limit=10&page=1')
  expect(signRequest({ keys, method: 'GET', path: '/v1/jobs', query, atMs: 1706918400000, nonce })).toEqual({
    'X-API-Key': 'pk_abc123',
    'X-Time': '1706918400000',
    'X-Nonce': nonce,
    'X-Signature': '386fcdb3cea745651c53041751de4b43abfda05532847b1754e2141ea515eab9',
  })
})

// The body that is hashed: {"a":{"x":"é","y":[2,1]},"b":1}
test('PROV-04 a body is signed compact, with sorted keys, whatever order it came in', () => {
  const sign = (body: unknown) =>
    signRequest({ keys, method: 'POST', path: '/v1/jobs', query: '', body, atMs: 1706918400000, nonce })['X-Signature']
  expect(sign({ b: 1, a: { y: [2, 1], x: 'é' } })).toBe(
    '7fc9d2c931f29bd531fb2fb93ed7cf90547effca6fbeaf91d06f1eb951dbf1fb',
  )
  expect(sign({ a: { x: 'é', y: [2, 1] }, b: 1 })).toBe(sign({ b: 1, a: { y: [2, 1], x: 'é' } }))
  expect(sign({ b: 1, a: { y: [1, 2], x: 'é' } })).not.toBe(sign({ b: 1, a: { y: [2, 1], x: 'é' } }))
})

test('everything that is signed changes the signature', () => {
  const request = { keys, method: 'GET' as const, path: '/v1/jobs', query: 'a=1', atMs: 1706918400000, nonce }
  const signatures = [
    request,
    { ...request, keys: { ...keys, secretKey: 'sk_other' } },
    { ...request, keys: { ...keys, publicKey: 'pk_other' } },
    { ...request, method: 'PUT' as const },
    { ...request, path: '/v1/job' },
    { ...request, query: 'a=2' },
    { ...request, body: {} },
    { ...request, atMs: 1706918400001 },
    { ...request, nonce: nonce.replace('a', 'b') },
  ].map((one) => signRequest(one)['X-Signature'])
  expect(new Set(signatures).size).toBe(signatures.length)
})

test.each([
  ['no parameters', [], ''],
  ['sorted by name', ['z=3', 'a=1', 'b=2'], 'a=1&b=2&z=3'],
  ['then by value', ['tag=zebra', 'tag=apple'], 'tag=apple&tag=zebra'],
  ['brackets and spaces', ['filter[gpu_name]=RTX 4090'], 'filter%5Bgpu_name%5D=RTX%204090'],
  ['what encodeURIComponent leaves', ["q=!'()*~"], 'q=%21%27%28%29%2A~'],
  ['upper case before lower', ['b=1', 'B=2'], 'B=2&b=1'],
])('query: %s', (_what, pairs, expected) => {
  const parameters = pairs.map((pair) => pair.split('=') as [string, string])
  expect(canonicalQuery(parameters)).toBe(expected)
  expect([...new URL(`http://x/?${expected}`).searchParams].map((pair) => pair.join('=')).sort()).toEqual(pairs.sort())
})
