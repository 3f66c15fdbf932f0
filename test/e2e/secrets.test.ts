// Environment secrets through real processes: from the page that only their asker is given to the job's own process, and gone when it has ended.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBuyer } from './buyer.ts'
import { openStage, type Stage, until } from './stage.ts'

const PLANTED = 'planted-value-93f1c7-abc'
let stage: Stage
beforeAll(async () => {
  stage = await openStage({ seed: 'secrets' })
  await stage.startNecto()
  await stage.openShop()
})
afterAll(() => stage.close())

test('the process reads it; afterwards it stands in no file, no log and no chat', async () => {
  const buyer = createBuyer(stage, { id: 990_010, firstName: 'Ida' })
  stage.world.telegram.startBot(buyer.user)
  await buyer.see((entry) => entry.text.includes('Necto'))
  // The command knows how long it is, no more.
  const { ref } = await buyer.ask(`h100 x1 1h max 3 run sh -c 'test \${#A_SETTING} = ${PLANTED.length}'`)
  const url = await buyer.order(ref)
  const link = await buyer.secretsLink(ref)
  const token = link.split('/secrets/')[1] ?? '?'
  const save = (to: string, secrets: string) =>
    fetch(to, { method: 'POST', body: new URLSearchParams({ secrets }), redirect: 'manual' })
  expect((await save(link, `A_SETTING=${PLANTED}`)).status).toBe(303)
  expect(await stage.stored()).toContain(PLANTED)
  expect(await stage.stored()).toContain(token)
  expect(await (await fetch(link)).text()).toContain('<code>A_SETTING</code>')
  // Whoever has the link to pay learns how many there are, and changes nothing.
  const payPage = await (await fetch(url)).text()
  expect(payPage).toContain('The command gets 1 environment secret, set by whoever asked')
  for (const hidden of ['A_SETTING', token]) expect(payPage).not.toContain(hidden)
  expect((await save(`${url}/secrets`, 'A_SETTING=short')).status).toBe(404)
  await buyer.pay(url, await stage.wallet(100n))
  const ended = await buyer.shows(ref, /Charged/)
  expect(ended.text).toContain('exited, exit code 0')
  await until('the secret to be deleted', async () => !(await stage.stored()).includes(PLANTED))
  await until('the link to be forgotten', async () => !(await stage.stored()).includes(token))
  expect((await fetch(link)).status).toBe(404)
  for (const hidden of [PLANTED, token]) expect(stage.printed()).not.toContain(hidden)
  expect(JSON.stringify(stage.world.telegram.transcript(buyer.chat))).not.toContain(PLANTED)
})
