// The HTTP side: tokens, unknown methods, the four ways to pass parameters, the call log, faults.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import { callApi } from './callApi.ts'
import { startTelegram, type Telegram } from './startTelegram.ts'

const clock = createManualClock(1_790_000_000_000)
let telegram: Telegram
beforeEach(async () => {
  telegram = await startTelegram({ clock })
})
afterEach(() => telegram.stop())

const get = async (path: string, init?: RequestInit) => {
  const response = await fetch(`${telegram.apiRoot}${path}`, init)
  return { status: response.status, body: (await response.json()) as unknown }
}

describe('addresses', () => {
  test('a wrong token is 401 Unauthorized', async () => {
    const answer = await get('/bot123:wrong/getMe')
    expect(answer).toEqual({ status: 401, body: { ok: false, error_code: 401, description: 'Unauthorized' } })
  })

  test('what is no token at all is said to be invalid', async () => {
    expect((await get('/botnonsense/getMe')).body).toMatchObject({
      description: 'Unauthorized: invalid token specified',
    })
    expect((await get('/')).status).toBe(404)
  })

  test('an unknown method is 404 in the Bot API shape', async () => {
    const answer = await get(`/bot${telegram.token}/sendPigeon`)
    expect(answer).toEqual({
      status: 404,
      body: { ok: false, error_code: 404, description: 'Not Found: method not found' },
    })
  })

  test('methods do not mind case', async () => {
    expect((await get(`/bot${telegram.token}/GETME`)).status).toBe(200)
  })

  test('getMe says what a bot is', async () => {
    expect(await callApi(telegram, { method: 'getMe' })).toMatchObject({
      ok: true,
      result: {
        id: 7000000001,
        is_bot: true,
        username: 'necto_bot',
        can_join_groups: true,
        can_read_all_group_messages: false,
      },
    })
  })
})

describe('parameters', () => {
  const body = () => {
    const user = telegram.user({ id: 42, firstName: 'Ann' })
    telegram.startBot(user)
    return telegram.privateChat(user)
  }

  test('come in the query string', async () => {
    const chat = body()
    await get(`/bot${telegram.token}/sendMessage?chat_id=42&text=one%20two`)
    expect(telegram.messages(chat).at(-1)?.text).toBe('one two')
  })

  test('come as a form, JSON values as text', async () => {
    const chat = body()
    const entities = JSON.stringify([{ type: 'bold', offset: 0, length: 3 }])
    await get(`/bot${telegram.token}/sendMessage`, {
      method: 'POST',
      body: new URLSearchParams({ chat_id: '42', text: 'one', entities }),
    })
    expect(telegram.messages(chat).at(-1)?.entities).toEqual([{ type: 'bold', offset: 0, length: 3 }])
  })

  test('come as multipart, also with headers as terse as grammY writes them', async () => {
    const chat = body()
    const terse = [
      '--b',
      'content-disposition:form-data;name="chat_id"',
      '',
      '42',
      '--b',
      'content-disposition:form-data;name="text"',
      '',
      'hi',
      '--b--',
      '',
    ]
    const answer = await get(`/bot${telegram.token}/sendMessage`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: terse.join('\r\n'),
    })
    expect(answer.status).toBe(200)
    expect(telegram.messages(chat).at(-1)?.text).toBe('hi')
  })

  test('that are broken JSON are refused', async () => {
    const headers = { 'content-type': 'application/json' }
    const answer = await get(`/bot${telegram.token}/sendMessage`, { method: 'POST', headers, body: '{' })
    expect(answer.status).toBe(400)
  })

  test('in a multipart body without its boundary are refused', async () => {
    const headers = { 'content-type': 'multipart/form-data' }
    const answer = await get(`/bot${telegram.token}/sendMessage`, { method: 'POST', headers, body: 'x' })
    expect(answer.body).toMatchObject({ description: 'Bad Request: invalid request body' })
  })
})

test('the call log has parameters and outcomes, never the token', async () => {
  await callApi(telegram, { method: 'sendMessage', chat_id: 1, text: `my token is ${telegram.token}` })
  const [call] = telegram.calls('sendMessage')
  expect(call).toMatchObject({
    status: 400,
    description: 'Bad Request: chat not found',
    params: { text: 'my token is <token>' },
  })
  expect(JSON.stringify(telegram.calls())).not.toContain(telegram.token)
})

describe('faults', () => {
  const send = () => callApi(telegram, { method: 'sendMessage', chat_id: 42, text: 'hello' })
  let visible: () => number
  beforeEach(() => {
    const user = telegram.user({ id: 42, firstName: 'Ann' })
    telegram.startBot(user)
    visible = () => telegram.messages(telegram.privateChat(user)).filter(({ text }) => text === 'hello').length
  })

  test('the next calls answer 502, then all is well', async () => {
    telegram.failNext({ method: 'sendMessage', times: 2, fault: { kind: 'status', code: 502 } })
    const bad = { ok: false, error_code: 502, description: 'Bad Gateway' }
    expect([await send(), await send()]).toEqual([bad, bad])
    expect(await send()).toMatchObject({ ok: true })
    expect(visible()).toBe(1)
  })

  test('only the named method fails', async () => {
    telegram.failNext({ method: 'editMessageText', fault: { kind: 'status', code: 500 } })
    expect(await send()).toMatchObject({ ok: true })
  })

  test('only calls to the named chat fail', async () => {
    telegram.failNext({ chatId: 43, fault: { kind: 'status', code: 500 } })
    expect(await send()).toMatchObject({ ok: true })
    telegram.failNext({ chatId: 42, fault: { kind: 'status', code: 502 } })
    expect(await send()).toMatchObject({ error_code: 502 })
  })

  test('429 carries retry_after', async () => {
    telegram.failNext({ fault: { kind: 'tooManyRequests', retryAfterSeconds: 126 } })
    expect(await send()).toEqual({
      ok: false,
      error_code: 429,
      description: 'Too Many Requests: retry after 126',
      parameters: { retry_after: 126 },
    })
  })

  test('a slow call waits on the clock', async () => {
    telegram.failNext({ fault: { kind: 'slow', delayMs: 30_000 } })
    const arrived = new Promise<void>((resolve) => {
      const poll = () => (telegram.calls('sendMessage').length > 0 ? setImmediate(resolve) : setImmediate(poll))
      poll()
    })
    const answer = send()
    await arrived
    expect(visible()).toBe(0)
    await clock.tick(30_000)
    expect(await answer).toMatchObject({ ok: true })
  })

  test('a connection dropped before the call did nothing, dropped after it did all', async () => {
    telegram.failNext({ fault: { kind: 'drop', when: 'before' } })
    await expect(send()).rejects.toThrow()
    expect(visible()).toBe(0)
    telegram.failNext({ fault: { kind: 'drop', when: 'after' } })
    await expect(send()).rejects.toThrow()
    expect(visible()).toBe(1)
    expect(telegram.calls('sendMessage').map(({ status }) => status)).toEqual([0, 0])
  })
})
