// The parts of the deposit's section that its script speaks through; found anew each time, since the page may renew it.
import type { Address, Hex } from 'viem'
import { element, type Look, sayIn, showSteps } from './elements.ts'
import type { Chain, Wallet } from './wallets.ts'

export type Verb = 'reclaim' | 'stop'
export type Screen = NonNullable<ReturnType<typeof findDeposit>>

const NO_WALLET =
  'No wallet was found in this browser. Nothing was sent. Open this page in the browser of your wallet app or in one with a wallet extension, or send it by hand as below.'

/** undefined while the page holds no deposit. */
export function findDeposit() {
  const section = document.getElementById('deposit')
  if (!section?.dataset.jobId) return undefined
  const { dataset } = section
  const find = (id: string) => document.getElementById(`deposit-${id}`)
  const button = (verb: Verb) => section.querySelector<HTMLButtonElement>(`button[data-verb=${verb}]`)

  return {
    section,
    jobId: dataset.jobId as Hex,
    router: dataset.router as Address,
    refundTo: dataset.refundTo as Address,
    afterMs: Number(dataset.afterMs),
    nowMs: Number(dataset.nowMs),
    chain: {
      id: Number(dataset.chainId),
      name: dataset.chainName ?? '',
      rpcUrl: dataset.walletRpcUrl ?? '',
    } satisfies Chain,
    dataOf: (verb: Verb) => dataset[verb] as Hex,
    /** While something is under way the page's renewal leaves the section alone. */
    hold(isHeld: boolean): void {
      dataset.busy = isHeld ? 'yes' : 'no'
      for (const one of section.querySelectorAll('button')) one.disabled = isHeld
    },
    /** Once the refund is possible there is nothing left that a stop would save. */
    showDue(isDue: boolean): void {
      if (isDue && dataset.due !== 'yes') this.unfold()
      dataset.due = isDue ? 'yes' : 'no'
      button('reclaim')?.toggleAttribute('hidden', !isDue)
      button('stop')?.toggleAttribute('hidden', dataset.stopped === 'yes')
      find('stop')?.toggleAttribute('hidden', isDue)
    },
    /** The contract takes one stop only. */
    stopped(): void {
      dataset.stopped = 'yes'
      button('stop')?.setAttribute('hidden', '')
    },
    /** Again possible, while what was sent is still waited for. */
    offerAgain(verb: Verb): void {
      const again = button(verb)
      if (again) again.disabled = false
    },
    unfold(): void {
      section.querySelector('details')?.setAttribute('open', '')
    },
    say(text: string, look: Look = '', txHash?: string): void {
      const txUrl = txHash && dataset.explorerTxUrl?.replace('{hash}', txHash)
      sayIn(find('status'), { text, look, tx: txHash ? { txHash: txHash as Hex, ...(txUrl && { txUrl }) } : {} })
      find('wallets')?.replaceChildren()
    },
    /** Sent, in a block, done: how many of them are. */
    progress(done: number): void {
      const texts = done < 0 ? [] : ['Sent by your wallet', 'Done on the chain']
      showSteps(
        find('progress'),
        texts.map((text, at) => ({ text, state: at < done ? 'done' : at === done ? 'working' : 'waiting' })),
      )
    },
    chooseWallet(list: readonly Wallet[], choose: (wallet: Wallet) => void): void {
      this.say(list.length === 0 ? NO_WALLET : 'Which wallet?', list.length === 0 ? 'bad' : '')
      const buttons = list.map((wallet) => {
        const made = element('button', `Use ${wallet.name}`) as HTMLButtonElement
        made.type = 'button'
        made.addEventListener('click', () => choose(wallet))
        return made
      })
      find('wallets')?.replaceChildren(...buttons)
    },
  }
}
