// What the chain's record of a job means for its deposit, in words.
import type { JobRecord } from '../../core/escrow/jobRecord.ts'
import type { MicroUsd } from '../../core/money.ts'
import { usdc } from '../views/words.ts'

type Ended = Pick<JobRecord, 'status' | 'depositMicroUsd' | 'paidMicroUsd' | 'refundTo'>
/** The transaction of this page, if there was one: whether it did it. */
type Ours = 'done' | 'reverted' | undefined

export const isOver = ({ status }: Pick<JobRecord, 'status'>): boolean => status !== 'funded' && status !== 'active'

/** Where the money of a job that is over went. `credit`: what waits in the contract for the refund address. */
export function endedText(job: Ended, more: { ours: Ours; wasSent: boolean; credit: MicroUsd | undefined }): string {
  const { ours, wasSent, credit } = more
  return [firstText(ours, wasSent), backText(job), credit ? creditText(credit, job.refundTo) : '']
    .filter(Boolean)
    .join(' ')
}

function firstText(ours: Ours, wasSent: boolean): string {
  if (ours === 'done') return 'Done, by your transaction.'
  if (ours === 'reverted')
    return 'Necto or somebody else was first: your transaction changed nothing and only cost its gas.'
  return wasSent
    ? 'It is done on the chain.'
    : 'Necto or somebody else was first. Nothing was sent from your wallet, and it cost you no gas.'
}

function backText({ status, depositMicroUsd, paidMicroUsd, refundTo }: Ended): string {
  if (status === 'refunded') return `The whole deposit, ${usdc(depositMicroUsd)}, went back to ${refundTo}.`
  const back = `${usdc(depositMicroUsd - paidMicroUsd)} of ${usdc(depositMicroUsd)} went back to ${refundTo}`
  return `${back}; ${usdc(paidMicroUsd)} were paid for the time that was used.`
}

const creditText = (credit: MicroUsd, refundTo: string): string =>
  `USDC refused a transfer to that address, so ${usdc(credit)} wait for it in the contract: withdrawFor(${refundTo}) sends them, once USDC takes it again.`

/** An amount of gas money, to three digits that count. */
export const eth = (wei: bigint): string =>
  `${(Number(wei) / 1e18).toLocaleString('en', { maximumSignificantDigits: 3 })} ETH`
