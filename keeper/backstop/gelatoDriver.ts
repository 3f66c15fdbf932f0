// Driver `gelato`: keeps one task per page of the router's places at an Automate contract, whose executor then reclaims.
import { type Address, type Hex, parseAbi } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { withDeadline } from '../../core/escrow/deadline.ts'
import { decodeReclaimMany } from '../../core/escrow/routerCall.ts'
import { readDueReclaims } from '../../core/escrow/routerReads.ts'
import type { Log } from '../../core/log.ts'
import type { Collection } from '../../core/store/store.ts'
import { submitAgain } from '../tasks/submitAgain.ts'
import type { Endpoints } from '../tx/endpoints.ts'
import type { Intent } from '../tx/intent.ts'
import type { Sender } from '../tx/sender.ts'
import { type AutomationDriver, createBalanceWatch, PAGE } from './driver.ts'
import { buildReclaimTask, type ReclaimTask } from './gelatoTask.ts'

const LOOK_AGAIN_MS = 1_000
const automateAbi = parseAbi(['function getTaskIdsByUser(address taskCreator) view returns (bytes32[])'])

export function createGelatoDriver(options: {
  readonly endpoints: Endpoints
  readonly chainId: number
  readonly router: Address
  readonly automate: Address
  readonly account: Address
  readonly sender: Pick<Sender, 'submit' | 'isIdle'>
  readonly intents: Collection<Intent>
  /** How long the executor may leave a job that is due before it is taken to be away. */
  readonly graceSeconds: number
  readonly pollMs: number
  readonly lowBalanceWei: bigint
  readonly clock: Clock
  readonly log: Log
}): AutomationDriver {
  const { endpoints, chainId, router, automate, account, sender, intents, clock, log, pollMs } = options
  const watchBalance = createBalanceWatch({ endpoints, account, lowWei: options.lowBalanceWei, log })
  const told = new Set<string>()
  const dueSinceMs = new Map<Hex, number>()
  const once = (key: string, tell: () => void) => {
    if (!told.has(key)) tell()
    told.add(key)
  }

  async function readTaskIds(): Promise<ReadonlySet<Hex>> {
    const ids = await endpoints.first((client) =>
      withDeadline(
        () =>
          client.readContract({
            address: automate,
            abi: automateAbi,
            functionName: 'getTaskIdsByUser',
            args: [account],
          }),
        'tasks of Automate',
      ),
    )
    return new Set(ids)
  }

  /** Creates a task that does not stand yet; in how many ms it is worth looking again. */
  async function create({ taskId, data }: ReclaimTask): Promise<number> {
    const call = { id: `${taskId}:create`, to: automate, data }
    const attempt = await submitAgain({ keeper: { intents, context: { clock } }, sender, call })
    if (attempt?.intent.state === 'final') {
      once(`${taskId}:gone`, () => log.warn({ msg: 'a task was cancelled at Automate; it is not made again', taskId }))
      return pollMs
    }
    if (attempt?.againInMs === undefined) return LOOK_AGAIN_MS
    const { intent, number, againInMs } = attempt
    once(`${taskId}:${number}`, () =>
      log.error({ msg: 'Automate refused a task', taskId, failure: intent.failure?.text, attempt: number, againInMs }),
    )
    return Math.min(againInMs, pollMs)
  }

  /** Says so, once for each job, when nobody carries the tasks out: this process sends no refund itself. */
  function watchExecutor(due: readonly Hex[]): void {
    for (const id of dueSinceMs.keys()) if (!due.includes(id)) dueSinceMs.delete(id)
    for (const id of due) dueSinceMs.set(id, dueSinceMs.get(id) ?? clock.now())
    const lateMs = clock.now() - options.graceSeconds * 1000
    const late = due.filter((id) => (dueSinceMs.get(id) ?? 0) < lateMs && !told.has(`${id}:late`))
    if (late.length === 0) return
    for (const id of late) told.add(`${id}:late`)
    log.error({
      msg: 'deposits are overdue and the executor of Automate does not reclaim them',
      jobIds: late,
      automate,
    })
  }

  return {
    async round() {
      await endpoints.check()
      await watchBalance()
      if (!(await sender.isIdle())) return LOOK_AGAIN_MS
      const standing = await readTaskIds()
      const due: Hex[] = []
      let [waitMs, places] = [pollMs, 0n]
      // The first page's task does not wait for the first job: a test of the setting, while nothing depends on it.
      for (let cursor = 0n; cursor === 0n || cursor < places; cursor += PAGE) {
        const asked = await endpoints.first((client) => readDueReclaims({ client, router, cursor, limit: PAGE }))
        places = asked.places
        if (asked.payload) due.push(...decodeReclaimMany(asked.payload))
        const task = await buildReclaimTask({ chainId, automate, creator: account, router, cursor, limit: PAGE })
        const { taskId } = task
        const page = { taskId, firstPlace: Number(cursor + 1n), lastPlace: Number(cursor + PAGE) }
        if (standing.has(taskId)) once(taskId, () => log.info({ msg: 'a task stands at Automate', ...page }))
        else waitMs = Math.min(waitMs, await create(task))
      }
      watchExecutor(due)
      return waitMs
    },
  }
}
