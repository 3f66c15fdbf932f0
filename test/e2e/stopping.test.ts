// The exit codes of `necto start`: what a supervisor may start again, and what only a person can mend.
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTcpLink, type TcpLink } from '../world/tcpLink.ts'
import { openStage, type Stage } from './stage.ts'

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
