// The table of a job's life: every pair of state and event, what is terminal, and what leads everywhere else.
import { describe, expect, test } from 'vitest'
import { isEnded, type Job, type JobState, jobState } from './job.ts'
import { type JobEvent, TRANSITIONS, transition } from './transitions.ts'

const states = jobState.options
const events = Object.keys(TRANSITIONS) as JobEvent[]
const inState = (state: JobState) => ({ ref: 'K7QF-3M2P', state, scan: [] }) as unknown as Job

// Written out a second time, so that a slip of the hand in the table is seen: "from event to".
const WANTED = `
scanning offer offered
scanning refuse refused
scanning abandon cancelled
offered order ordered
offered lapse lapsed
offered abandon cancelled
ordered sign signed
ordered lapse lapsed
ordered abandon cancelled
signed authorize paying
signed fund funded
signed lapse lapsed
signed abandon cancelled
paying decline signed
paying fund funded
paying lapse lapsed
funded start starting
funded activate active
funded cancel cancelling
funded refunded refunded
starting activate active
starting settled settled
starting cancel cancelling
starting refunded refunded
cancelling activate active
cancelling refunded refunded
active accept running
active finish finishing
active settled settled
active refunded refunded
running finish finishing
running settled settled
running refunded refunded
finishing settle settling
finishing settled settled
finishing refunded refunded
settling meterAgain finishing
settling settled settled
settling refunded refunded`
  .trim()
  .split('\n')
const wanted = new Map(WANTED.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.split(' ')[2]]))

describe.each(states)('from %s', (state) => {
  test.each(events)('%s', (event) => {
    expect(transition(inState(state), event)?.state).toBe(wanted.get(`${state} ${event}`))
  })
})

test('the list above names nothing that is not there', () => {
  expect(wanted.size).toBe(WANTED.length)
  for (const pair of wanted.keys()) {
    const [state, event] = pair.split(' ')
    expect(states).toContain(state)
    expect(events).toContain(event)
  }
})

test('nothing leads out of an ended state, and something out of every other', () => {
  for (const state of states) {
    const ways = events.filter((event) => transition(inState(state), event))
    expect({ state, ended: ways.length === 0 }).toEqual({ state, ended: isEnded({ state }) })
  }
})

test('from every state that holds a deposit the chain alone can end the job', () => {
  const deposits: JobState[] = ['funded', 'starting', 'cancelling', 'active', 'running', 'finishing', 'settling']
  for (const state of deposits) expect(transition(inState(state), 'refunded')?.state).toBe('refunded')
  // The start is read before the settlement, so these are active by then.
  for (const state of deposits.filter((one) => one !== 'funded' && one !== 'cancelling'))
    expect(transition(inState(state), 'settled')?.state).toBe('settled')
  for (const state of ['funded', 'cancelling'] as const)
    expect(transition(inState(state), 'activate')?.state).toBe('active')
})

test('changes go in with the step, the given job stays as it was', () => {
  const job = inState('funded')
  const cancelled = transition(job, 'cancel', { cancelReason: 'gone' })
  expect(cancelled).toMatchObject({ state: 'cancelling', cancelReason: 'gone' })
  expect(job.state).toBe('funded')
  expect(job.cancelReason).toBeUndefined()
})
