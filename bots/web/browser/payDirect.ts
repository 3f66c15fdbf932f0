// Paying with the wallet's own gas: approve where it is needed, then fund; begun anew it goes on where it stopped.
import type { DirectPayment } from '../messages.ts'
import type { Note } from './note.ts'
import { pause } from './pace.ts'
import type { Screen } from './payScreen.ts'
import { readNumber, readOutcome, send } from './walletCalls.ts'
import type { Eip1193 } from './wallets.ts'

const LOOK_MS = 1500
// Some blocks of a slow day; later nobody knows whether it comes.
const APPROVAL_MS = 90_000
const end = (hex: string) => `…${hex.slice(-4)}`

export interface DirectOptions {
  readonly provider: Eip1193
  readonly from: string
  readonly chainId: number
  readonly direct: DirectPayment
  readonly depositMicroUsd: bigint
  /** The deposit as people read it: "8.00 USDC". */
  readonly deposit: string
  readonly screen: Screen
  /** The approval that was sent and not seen; its sender says when it is done. */
  readonly approvalNote: Note
}

/** The hash of the funding transaction, sent; undefined when the approval failed or is not seen, which was said. */
export async function sendDirect(options: DirectOptions): Promise<string | undefined> {
  const { provider, from, chainId, direct, deposit, screen } = options
  const steps = (at: number) => {
    const texts = [`Let the escrow take ${deposit} (approve)`, `Pay ${deposit} in (fund)`, 'In escrow']
    screen.progress(
      texts.map((text, step) => ({ text, state: step < at ? 'done' : step === at ? 'working' : 'waiting' })),
    )
  }
  if (!(await isApproved(options))) {
    steps(0)
    screen.say(
      `Step 1 of 2, in your wallet: allow the contract ${end(direct.router)} to take ${deposit}. Nothing is paid by that.`,
    )
    const approval = await send(provider, { from, call: direct.approve, chainId })
    screen.say('The approval is on its way to the chain. Nothing is paid yet. Keep this page open.')
    if (!(await seeApproval(options, approval))) {
      screen.progress([])
      return undefined
    }
  }
  steps(1)
  screen.say(
    `Step 2 of 2, in your wallet: pay ${deposit} into the contract ${end(direct.router)}. Terms ${end(direct.jobId)}.`,
  )
  const hash = await send(provider, { from, call: direct.fund, chainId })
  steps(2)
  return hash
}

/** Whether only the payment is left; a wallet that does not read for pages is not asked to approve twice in a row. */
async function isApproved({ provider, direct, depositMicroUsd, approvalNote }: DirectOptions): Promise<boolean> {
  const allowed = await readNumber(provider, direct.allowance)
  const wasSent = approvalNote.read() !== undefined
  approvalNote.drop()
  return allowed === undefined ? wasSent : allowed >= depositMicroUsd
}

/** Waits until the approval holds; false: it failed, or nobody says what became of it, which was said. */
async function seeApproval(options: DirectOptions, approval: string): Promise<boolean> {
  const { provider, direct, depositMicroUsd, deposit, screen, approvalNote } = options
  const untilMs = Date.now() + APPROVAL_MS
  while (Date.now() < untilMs) {
    // A smart wallet's hash may be none that the chain knows, so what counts is what the token says.
    const allowed = await readNumber(provider, direct.allowance)
    if (allowed !== undefined && allowed >= depositMicroUsd) return true
    const outcome = await readOutcome(provider, approval)
    if (outcome === 'done' && allowed === undefined) return true
    if (outcome === 'reverted') {
      screen.say('The approval failed on chain. Only its gas was spent, no USDC moved. You can try again.', 'bad')
      return false
    }
    await pause(LOOK_MS)
  }
  approvalNote.keep(approval)
  screen.say(
    `This page does not see that your approval of ${deposit} is on the chain. Nothing is paid yet. Once your wallet shows it as done, press again to go on with the payment.`,
    'bad',
  )
  return false
}
