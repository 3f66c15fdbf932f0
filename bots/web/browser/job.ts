// The job page's script: keeps the state true, and opens log and output with the key that stands behind the #.
import type { Hex } from 'viem'
import type { StatusAnswer } from '../messages.ts'
import { followLog } from './liveLog.ts'
import { createPace } from './pace.ts'
import { readResultKey } from './resultKey.ts'
import { showStored } from './storedResults.ts'
import { ask, fetchMain, takeOver } from './takeOver.ts'

const main = document.querySelector('main')
if (main) start(main)

function start(main: HTMLElement): void {
  const { token = '', jobRef = '' } = main.dataset
  let shown = 0
  void showResults()
  window.addEventListener('hashchange', () => void showResults())
  if (main.dataset.ended !== 'yes') void followState()

  async function showResults(): Promise<void> {
    shown += 1
    const turn = shown
    const note = document.getElementById('key-note')
    const key = await readResultKey(main.dataset.jobId ?? '')
    if (!note || key === 'none') return
    if (key === 'no-crypto') {
      note.textContent = 'This browser decrypts on https pages only.'
      return
    }
    note.textContent = 'Opened here in your browser; the key is not sent anywhere.'
    const live = document.getElementById('live')
    if (live) await followLog({ place: live, token, jobRef, key, isOver: () => turn !== shown })
    else {
      const { runner = '', chainId } = main.dataset
      await showStored({ token, jobRef, key, signer: { runner: runner as Hex, chainId: Number(chainId) } })
    }
  }

  /** Asks how the job stands, and takes over the page's parts when it stands otherwise. */
  async function followState(): Promise<void> {
    const pace = createPace({ firstMs: 2000, lastMs: 10_000 })
    let last: string | undefined
    while (main.dataset.ended !== 'yes') {
      await pace.next()
      const status = await ask(`/job/${token}/status`, (reply) => reply.json() as Promise<StatusAnswer>)
      if (!status) continue
      const now = JSON.stringify([status.state, status.text, status.trouble, status.progress])
      if (now === last) continue
      pace.again()
      if (await renew()) last = now
    }
  }

  async function renew(): Promise<boolean> {
    const fresh = await fetchMain(`/job/${token}`)
    if (!fresh) return false
    for (const id of ['job-state', 'deposit', 'job-back']) takeOver(fresh, id)
    Object.assign(main.dataset, fresh.dataset)
    const kindOf = (within: ParentNode) => within.querySelector<HTMLElement>('#results')?.dataset.kind
    // A log that is being read stays as it is; only another kind of result takes its place.
    if (kindOf(document) !== kindOf(fresh)) {
      takeOver(fresh, 'results')
      void showResults()
    }
    return true
  }
}
