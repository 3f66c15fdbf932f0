// The vectors of RFC 8785, and that nothing is dropped, changed or spelled two ways.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalBytes, canonicalize, parseCanonical } from './canonicalJson.ts'

const utf8 = new TextEncoder()

/** RFC 8785 appendix B: the bits of a double and its text. */
const numbers: [bits: bigint, text: string][] = [
  [0x0000000000000000n, '0'],
  [0x8000000000000000n, '0'],
  [0x0000000000000001n, '5e-324'],
  [0x8000000000000001n, '-5e-324'],
  [0x7fefffffffffffffn, '1.7976931348623157e+308'],
  [0xffefffffffffffffn, '-1.7976931348623157e+308'],
  [0x4340000000000000n, '9007199254740992'],
  [0xc340000000000000n, '-9007199254740992'],
  [0x4430000000000000n, '295147905179352830000'],
  [0x44b52d02c7e14af5n, '9.999999999999997e+22'],
  [0x44b52d02c7e14af6n, '1e+23'],
  [0x44b52d02c7e14af7n, '1.0000000000000001e+23'],
  [0x444b1ae4d6e2ef4en, '999999999999999700000'],
  [0x444b1ae4d6e2ef4fn, '999999999999999900000'],
  [0x444b1ae4d6e2ef50n, '1e+21'],
  [0x3eb0c6f7a0b5ed8cn, '9.999999999999997e-7'],
  [0x3eb0c6f7a0b5ed8dn, '0.000001'],
  [0x41b3de4355555553n, '333333333.3333332'],
  [0x41b3de4355555554n, '333333333.33333325'],
  [0x41b3de4355555555n, '333333333.3333333'],
  [0x41b3de4355555556n, '333333333.3333334'],
  [0x41b3de4355555557n, '333333333.33333343'],
  [0xbecbf647612f3696n, '-0.0000033333333333333333'],
  [0x43143ff3c1cb0959n, '1424953923781206.2'],
]

function doubleFromBits(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, bits)
  return view.getFloat64(0)
}

describe('canonicalize, RFC 8785', () => {
  test.each(numbers)('number %s is %s', (bits, text) => {
    expect(canonicalize(doubleFromBits(bits))).toBe(text)
  })

  test.each([0x7fffffffffffffffn, 0x7ff0000000000000n, 0xfff0000000000000n])('%s is no number of JSON', (bits) => {
    expect(() => canonicalize({ a: [doubleFromBits(bits)] })).toThrow(
      expect.objectContaining({ code: 'record.not-canonicalizable', details: expect.stringContaining('$.a[0]') }),
    )
  })

  test('primitives, strings and key order of section 3.2.2', () => {
    const source = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`
    expect(canonicalize(JSON.parse(source))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    )
  })

  test('keys are ordered by UTF-16 code units, section 3.2.3', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    const text = canonicalize(value)
    expect(Array.from(text.matchAll(/:"([^"]*)"/g), (match) => match[1])).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ])
  })

  test('control characters use the short escapes, then lower-case hex; the rest stays as it is', () => {
    expect(canonicalize('\b\t\n\f\r"\\/\u0000\u001f\u007f\u2028é')).toBe(
      `${String.raw`"\b\t\n\f\r\"\\/\u0000\u001f`}\u007f\u2028é"`,
    )
  })
})

describe('canonicalize is strict', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic.self = { cyclic }
  const deep = Array.from({ length: 300 }).reduce<unknown>((inner) => [inner], null)

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['an array hole', new Array(1)],
    ['a bigint', { a: 1n }],
    ['a function', { toJSON: () => 'other' }],
    ['a symbol', Symbol('a')],
    ['a symbol key', { [Symbol('a')]: 1 }],
    ['a date', { at: new Date(0) }],
    ['a map', new Map()],
    ['bytes', new Uint8Array(2)],
    ['a boxed string', Object('a')],
    ['a lone surrogate', 'a\ud800'],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['a cycle', cyclic],
    ['hostile nesting', deep],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalize(value)).toThrow(expect.objectContaining({ code: 'record.not-canonicalizable' }))
  })

  test('one object may appear twice where it is no cycle', () => {
    const shared = { a: 1 }
    expect(canonicalize({ y: shared, x: [shared, shared] })).toBe('{"x":[{"a":1},{"a":1}],"y":{"a":1}}')
  })
})

describe('parseCanonical', () => {
  test('canonical text comes back byte for byte, whatever the value (property)', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        fc.pre(wellFormed(value))
        const bytes = canonicalBytes(value)
        const parsed = parseCanonical(bytes)
        expect(canonicalBytes(parsed)).toEqual(bytes)
        expect(JSON.stringify(parsed)).toBe(JSON.stringify(JSON.parse(canonicalize(value))))
      }),
    )
  })

  test('the order in which keys were added does not matter (property)', () => {
    const entries = fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), fc.integer()), { selector: ([key]) => key })
    fc.assert(
      fc.property(
        entries.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          expect(canonicalize(Object.fromEntries(shuffled))).toBe(canonicalize(Object.fromEntries(list)))
        },
      ),
    )
  })

  test.each([
    ['white space', '{"a": 1}'],
    ['a trailing newline', '{"a":1}\n'],
    ['another key order', '{"b":1,"a":2}'],
    ['a key given twice', '{"a":1,"a":1}'],
    ['a number written another way', '{"a":1.0}'],
    ['minus zero', '-0'],
    ['an integer that a double cannot hold', '9007199254740993'],
    ['an escape that is not needed', '"\\u0041"'],
    ['an upper-case escape', '"\\u001F"'],
    ['an escaped lone surrogate', '"\\ud800"'],
    ['a trailing NUL', '{}\0'],
    ['a byte order mark', '\ufeff{}'],
    ['no text at all', ''],
    ['half a value', '{"a":'],
  ])('refuses %s', (_, text) => {
    expect(() => parseCanonical(utf8.encode(text))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^record\.not-canonical/) }),
    )
  })

  test('refuses bytes that are not UTF-8', () => {
    expect(() => parseCanonical(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(
      expect.objectContaining({ code: 'record.not-canonical' }),
    )
  })

  test('a key named __proto__ is a key like any other', () => {
    const bytes = utf8.encode('{"__proto__":{"a":1}}')
    expect(canonicalBytes(parseCanonical(bytes))).toEqual(bytes)
  })
})

function wellFormed(value: unknown): boolean {
  return !/\\ud[89a-f]/.test(JSON.stringify(value))
}
