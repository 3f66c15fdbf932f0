// What Telegram takes and refuses in inline keyboards.
import { expect, test } from 'vitest'
import { ApiError } from '../apiError.ts'
import { readEditedKeyboard, readKeyboard } from './keyboard.ts'
import { checkLink } from './links.ts'

const keyboard = (...row: unknown[]) => ({ reply_markup: { inline_keyboard: [row] } })
const refusal = (button: unknown, chatType: 'private' | 'supergroup' = 'private') => {
  try {
    readKeyboard(keyboard(button), { chatType })
  } catch (error) {
    if (error instanceof ApiError) return error.message.replace('Bad Request: ', '')
    throw error
  }
  return 'accepted'
}

test('callback data is 1 to 64 bytes, not characters', () => {
  expect(refusal({ text: 'x', callback_data: 'd'.repeat(64) })).toBe('accepted')
  expect(refusal({ text: 'x', callback_data: 'd'.repeat(65) })).toBe('BUTTON_DATA_INVALID')
  expect(refusal({ text: 'x', callback_data: 'é'.repeat(33) })).toBe('BUTTON_DATA_INVALID')
  expect(refusal({ text: 'x', callback_data: '' })).toContain('Text buttons are unallowed in the inline keyboard')
})

test.each([
  ['https://necto.example/pay/1', 'accepted'],
  ['tg://resolve?domain=necto_bot', 'accepted'],
  ['http://127.0.0.1:8080/pay', 'accepted'],
  ['http://localhost:8080/pay', "inline keyboard button URL 'http://localhost:8080/pay' is invalid: Wrong HTTP URL"],
  ['ftp://necto.example', "inline keyboard button URL 'ftp://necto.example' is invalid: Unsupported URL protocol"],
  ['javascript://necto.example/%0aalert(1)', /Unsupported URL protocol/],
  ['ethereum:0xabc@8453/transfer', /Wrong HTTP URL/],
])('the link %s', (url, outcome) => {
  const got = refusal({ text: 'Pay', url })
  if (typeof outcome === 'string') expect(got).toBe(outcome)
  else expect(got).toMatch(outcome)
})

test('links are written back in full', () => {
  expect(checkLink('Necto.example')).toEqual({ url: 'http://necto.example/' })
})

test('copy buttons hold 1 to 256 characters', () => {
  expect(refusal({ text: 'Copy', copy_text: { text: '0xabc' } })).toBe('accepted')
  expect(refusal({ text: 'Copy', copy_text: { text: 'x'.repeat(257) } })).toBe('BUTTON_COPY_TEXT_INVALID')
})

test('web app buttons are for private chats and HTTPS', () => {
  const button = { text: 'Open', web_app: { url: 'https://necto.example' } }
  expect(refusal(button)).toBe('accepted')
  expect(refusal(button, 'supergroup')).toBe('BUTTON_TYPE_INVALID')
  expect(refusal({ text: 'Open', web_app: { url: 'http://necto.example' } })).toContain('Only HTTPS links are allowed')
})

test('styles are three', () => {
  expect(refusal({ text: 'Pay', callback_data: 'p', style: 'success' })).toBe('accepted')
  expect(refusal({ text: 'Pay', callback_data: 'p', style: 'gold' })).toBe('BUTTON_STYLE_INVALID')
})

test('a hundred buttons are taken, one more is not', () => {
  const buttons = (count: number) => Array.from({ length: count }, (_, n) => ({ text: `${n}`, callback_data: `${n}` }))
  expect(readKeyboard(keyboard(...buttons(100)), { chatType: 'private' }).flat()).toHaveLength(100)
  expect(() => readKeyboard(keyboard(...buttons(101)), { chatType: 'private' })).toThrow('reply markup is too long')
})

test('an edit takes inline keyboards only, as text or JSON', () => {
  const markup = { inline_keyboard: [[{ text: 'a', callback_data: 'b' }]] }
  expect(readEditedKeyboard({ reply_markup: JSON.stringify(markup) }, { chatType: 'private' })).toEqual(
    markup.inline_keyboard,
  )
  expect(() => readEditedKeyboard({ reply_markup: { force_reply: true } }, { chatType: 'private' })).toThrow(
    'inline keyboard expected',
  )
})
