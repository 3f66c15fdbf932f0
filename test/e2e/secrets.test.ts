// Environment secrets through real processes: from the pay page to the job's own process, and gone when it has ended.
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
  const saved = await fetch(`${url}/secrets`, {
    method: 'POST',
    body: new URLSearchParams({ secrets: `A_SETTING=${PLANTED}` }),
    redirect: 'manual',
  })
  expect(saved.status).toBe(303)
  expect(await stage.stored()).toContain(PLANTED)
  expect(await (await fetch(url)).text()).toContain('<code>A_SETTING</code>')
  await buyer.pay(url, await stage.wallet(100n))
  const ended = await buyer.shows(ref, /Charged/)
  expect(ended.text).toContain('exited, exit code 0')
  await until('the secret to be deleted', async () => !(await stage.stored()).includes(PLANTED))
  expect(stage.printed()).not.toContain(PLANTED)
  expect(JSON.stringify(stage.world.telegram.transcript(buyer.chat))).not.toContain(PLANTED)
})
