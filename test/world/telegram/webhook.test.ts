// Webhook delivery to a real HTTP listener: secret header, order, retries, and its conflict with polling.
import { createServer } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import { callApi } from './callApi.ts'
import type { Chat, Person } from './model.ts'
import { startTelegram, type Telegram } from './startTelegram.ts'

/** A busy machine may be late. */
const patient = { timeout: 10_000 }

interface Received {
  readonly secret: string | undefined
  readonly text: string
}

const clock = createManualClock(1_790_000_000_000)
let telegram: Telegram
let ann: Person
let chat: Chat
let hook: Awaited<ReturnType<typeof listener>>
beforeEach(async () => {
  telegram = await startTelegram({ clock })
  ann = telegram.user({ id: 42, firstName: 'Ann' })
  chat = telegram.privateChat(ann)
  hook = await listener()
})
afterEach(async () => {
  await telegram.stop()
  hook.close()
})

/** Answers with the given statuses, then 200; `received(n)` waits for the n-th request. */
async function listener() {
  const statuses: number[] = []
  const got: Received[] = []
  const waiting = new Set<() => void>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const secret = request.headers['x-telegram-bot-api-secret-token']
    got.push({ secret: typeof secret === 'string' ? secret : undefined, text: JSON.parse(body).message.text })
    response.writeHead(statuses.shift() ?? 200).end()
    for (const wake of waiting) wake()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    url: `http://127.0.0.1:${port}/hook`,
    statuses,
    close: () => server.close(),
    received: (count: number) =>
      new Promise<Received[]>((resolve) => {
        const check = () => got.length >= count && resolve(got)
        waiting.add(check)
        check()
      }),
  }
}

test('updates come in order with the secret in the header', async () => {
  await callApi(telegram, { method: 'setWebhook', url: hook.url, secret_token: 'open-sesame' })
  telegram.say(ann, chat, 'one')
  telegram.say(ann, chat, 'two')
  expect(await hook.received(2)).toEqual([
    { secret: 'open-sesame', text: 'one' },
    { secret: 'open-sesame', text: 'two' },
  ])
})

test('what is not answered with 2xx comes again, later and later', async () => {
  hook.statuses.push(500, 503)
  await callApi(telegram, { method: 'setWebhook', url: hook.url })
  telegram.say(ann, chat, 'again')
  const info = async () => (await callApi(telegram, { method: 'getWebhookInfo' })).result
  await hook.received(1)
  // The reply reaches the server a moment after the listener wrote it.
  await expect
    .poll(info, patient)
    .toMatchObject({ pending_update_count: 1, last_error_message: expect.stringContaining('500') })
  await clock.tick(1000)
  await hook.received(2)
  await expect.poll(info, patient).toMatchObject({ last_error_message: expect.stringContaining('503') })
  await clock.tick(2000)
  expect(await hook.received(3)).toHaveLength(3)
  await expect.poll(info, patient).toMatchObject({ url: hook.url, pending_update_count: 0 })
})

test('a webhook and polling exclude each other', async () => {
  await callApi(telegram, { method: 'setWebhook', url: hook.url })
  expect(await callApi(telegram, { method: 'getUpdates' })).toMatchObject({
    error_code: 409,
    description:
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
  })
  await callApi(telegram, { method: 'deleteWebhook' })
  expect(await callApi(telegram, { method: 'getUpdates' })).toEqual({ ok: true, result: [] })
})

test('drop_pending_updates forgets what waits', async () => {
  telegram.say(ann, chat, 'lost')
  await callApi(telegram, { method: 'deleteWebhook', drop_pending_updates: true })
  expect(await callApi(telegram, { method: 'getUpdates' })).toEqual({ ok: true, result: [] })
})

test.each([
  ['http://example.com/hook', 'bad webhook: An HTTPS URL must be provided for webhook'],
  ['https://example.com:9000/hook', 'bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443'],
])('%s is refused', async (url, why) => {
  expect(await callApi(telegram, { method: 'setWebhook', url })).toMatchObject({ description: `Bad Request: ${why}` })
})

test('a secret of other characters is refused', async () => {
  const answer = await callApi(telegram, { method: 'setWebhook', url: hook.url, secret_token: 'no spaces' })
  expect(answer).toMatchObject({ error_code: 400 })
})
