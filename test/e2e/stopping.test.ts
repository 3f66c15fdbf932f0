// The exit codes of `necto start`: what a supervisor may start again, and what only a person can mend.
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTcpLink, type TcpLink } from '../world/tcpLink.ts'
import { openStage, type Stage, until } from './stage.ts'

let stage: Stage
let link: TcpLink
beforeAll(async () => {
  stage = await openStage({ seed: 'stopping' })
  link = await startTcpLink(stage.world.escrow.anvil.url)
})
afterAll(async () => {
  await stage.close()
  await link.cut()
})

test('a setting that is wrong: 1', async () => {
  const necto = stage.launchNecto({ WEB_PORT: 'eighty' })
  expect(await necto.ended).toBe(1)
  expect(necto.output()).toContain('WEB_PORT: a whole number')
})

test('the health port answers while the chain is away, says why it is not ready, and is ready once it works', async () => {
  await link.cut()
  const necto = stage.launchNecto({ METRICS_PORT: '0', ESCROW_RPC_URLS: link.url })
  await necto.printed('Metrics at')
  const url = /Metrics at (\S+)\/metrics/.exec(necto.output())?.[1]
  const get = async (path: string) => {
    const reply = await fetch(`${url}${path}`)
    return { status: reply.status, text: await reply.text() }
  }
  expect(await get('/livez')).toMatchObject({ status: 200 })
  expect(await get('/readyz')).toEqual({ status: 503, text: 'start: it waits for the escrow chain\n' })
  await link.mend()
  await necto.printed(' ready on ', 60_000)
  await until('it to be ready', async () => (await get('/readyz')).status === 200)
  const { text } = await get('/metrics')
  expect(text).toContain('necto_jobs{state="funded"} 0\n')
  expect(text).toMatch(/^necto_chain_head_lag_blocks [1-9]/m)
  expect(text).not.toContain(new URL(link.url).port)
  expect(await necto.stop()).toBe(0)
})

test('a store or a port that another process has: 75; stopped while the chain does not answer: 0', async () => {
  await stage.startNecto({ ESCROW_RPC_URLS: `${link.url},${stage.world.escrow.anvil.url}` })
  const first = stage.processes.at(-1)
  const second = stage.launchNecto()
  expect(await second.ended).toBe(75)
  expect(second.output()).toContain(`another necto process (pid ${first?.pid}) has this folder open`)
  const third = stage.launchNecto({ NECTO_DATA_DIR: path.join(stage.dataDir, 'other') })
  expect(await third.ended).toBe(75)
  expect(third.output()).toMatch(/cannot listen on port \d+/)
  // An endpoint that takes calls and never answers them holds up no stop.
  link.hang()
  await link.kept()
  expect(await first?.stop()).toBe(0)
})
