// Errors: ours pass through, foreign ones are mapped, causes are told.
import { describe, expect, test } from 'vitest'
import { errorText, NectoError, wrapError } from './errors.ts'

describe('errors', () => {
  test('the text names the causes, the details are for operators', () => {
    const error = new NectoError('x.y', 'short', { details: 'long', cause: new Error('root') })
    expect(errorText(error)).toBe('short (long); cause: root')
    expect(errorText('thrown')).toBe('thrown')
    expect(error).toMatchObject({ code: 'x.y', retry: 'never', message: 'short' })
  })
  test('a foreign failure is mapped once', () => {
    const known = new NectoError('a.b', 'mine')
    expect(wrapError(known, { code: 'c.d', message: 'other' })).toBe(known)
    expect(wrapError(new Error('foreign'), { code: 'c.d', message: 'other' })).toMatchObject({
      code: 'c.d',
      retry: 'later',
    })
  })
})
