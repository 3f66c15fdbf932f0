// The story's first act, so that there is something to rent and somebody who can pay.
import type { RunningProcess } from '../childProcess.ts'
import type { createStory } from '../story.ts'

type Story = ReturnType<typeof createStory>

/** What the test wallet holds, in whole USDC. */
export const WALLET_USDC = 10_000n
const LISTING = { gpu: 'h100-80gb-sxm', count: 8, usdPerGpuHour: '2.40', name: 'Berlin Rack' }

/** Lists hardware, starts its runner and fills the test wallet; Necto must run. */
export async function openShop<
  S extends Pick<Story, 'meetTheBot' | 'sell' | 'makeRunnerKey' | 'startRunner' | 'fundWallet'>,
>({
  story,
  processes,
}: {
  story: S
  /** The runner is put here. */
  processes: RunningProcess[]
}): Promise<void> {
  await story.meetTheBot()
  await story.sell(LISTING, await story.makeRunnerKey())
  const runner = story.startRunner()
  processes.push(runner)
  await runner.printed('waits for jobs')
  await story.fundWallet(WALLET_USDC)
}
