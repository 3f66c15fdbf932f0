// Paying with the wallet's own gas: approve where it is needed, then fund; begun anew it goes on where it stopped.
import type { DirectPayment } from '../messages.ts'
import { pause } from './pace.ts'
import type { Screen } from './payScreen.ts'
import { readNumber, readOutcome, send } from './walletCalls.ts'
import type { Eip1193 } from './wallets.ts'

const LOOK_MS = 1500
const end = (hex: string) => `…${hex.slice(-4)}`

export interface DirectOptions {
  readonly provider: Eip1193
  readonly from: string
  readonly direct: DirectPayment
  readonly depositMicroUsd: bigint
  /** The deposit as people read it: "8.00 USDC". */
  readonly deposit: string
  readonly screen: Screen
}

/** The hash of the funding transaction, sent; undefined when the approval failed, which was said. */
export async function sendDirect(options: DirectOptions): Promise<string | undefined> {
  const { provider, from, direct, depositMicroUsd, deposit, screen } = options
  const steps = (at: number) => {
    const texts = [`Let the escrow take ${deposit} (approve)`, `Pay ${deposit} in (fund)`, 'In escrow']
    screen.progress(
      texts.map((text, step) => ({ text, state: step < at ? 'done' : step === at ? 'working' : 'waiting' })),
    )
  }
  const isAllowed = async () => ((await readNumber(provider, direct.allowance)) ?? 0n) >= depositMicroUsd
  if (!(await isAllowed())) {
    steps(0)
    screen.say(
      `Step 1 of 2, in your wallet: allow the contract ${end(direct.router)} to take ${deposit}. Nothing is paid by that.`,
    )
    const approval = await send(provider, from, direct.approve)
    screen.say('The approval is on its way to the chain. Nothing is paid yet. Keep this page open.')
    // A smart wallet's hash may be none that the chain knows, so what counts is what the token says.
    while (!(await isAllowed())) {
      if ((await readOutcome(provider, approval)) === 'reverted') {
        screen.progress([])
        screen.say('The approval failed on chain. Only its gas was spent, no USDC moved. You can try again.', 'bad')
        return undefined
      }
      await pause(LOOK_MS)
    }
  }
  steps(1)
  screen.say(
    `Step 2 of 2, in your wallet: pay ${deposit} into the contract ${end(direct.router)}. Terms ${end(direct.jobId)}.`,
  )
  const hash = await send(provider, from, direct.fund)
  steps(2)
  return hash
}

/** The transaction that this tab sent, over a reload; a browser that keeps nothing only loses this comfort. */
export function createSentNote(token: string) {
  const key = `necto-sent:${token}`
  const careful = <T>(use: () => T): T | undefined => {
    try {
      return use()
    } catch {
      return undefined
    }
  }
  return {
    read: () => careful(() => sessionStorage.getItem(key)) ?? undefined,
    keep: (hash: string) => careful(() => sessionStorage.setItem(key, hash)),
    drop: () => careful(() => sessionStorage.removeItem(key)),
  }
}
