// Market accounts on Solana to idle hosts.
import { expect, test } from 'vitest'
import { queuesOf } from './marketQueues.ts'

const row = (address: string, queueType: unknown, waiting: unknown) => ({ address, queueType, waiting })

test('PROV-05 hosts that wait are idle; where jobs wait or nobody does, none is', () => {
  const { idleHosts, dropped } = queuesOf([row('hosts', 1, 7), row('jobs', 0, 4), row('empty', 255, 0)])
  expect([...idleHosts]).toEqual([
    ['hosts', 7],
    ['jobs', 0],
    ['empty', 0],
  ])
  expect(dropped).toEqual([])
})

test('PROV-05 what cannot be read stays unknown, with its reason', () => {
  const { idleHosts, dropped } = queuesOf([row('a', 2, 7), row('b', 1, undefined), row('c', '1', 7), null])
  expect(idleHosts.size).toBe(0)
  expect(dropped).toEqual([
    { row: 'a', reason: 'a queue of a kind that Necto does not know' },
    { row: 'accounts[1]', reason: 'a market account that is not readable' },
    { row: 'accounts[2]', reason: 'a market account that is not readable' },
    { row: 'accounts[3]', reason: 'a market account that is not readable' },
  ])
})
