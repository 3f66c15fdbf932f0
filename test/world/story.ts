// The story of the three users, step by step through the bots: the demo prints it, the end-to-end test asserts it.
import path from 'node:path'
import { formatUnits, type LocalAccount } from 'viem'
import { readCredit } from '../../core/escrow/routerReads.ts'
import { readUsdcBalance } from '../../core/escrow/usdc.ts'
import type { ChatWorld, SeenMessage } from './chatWorld.ts'
import { type RunningProcess, runProcess, startProcess } from './childProcess.ts'
import { accounts, ESCROW_CHAIN_ID, type World } from './startWorld.ts'
import { type Linking, linkWallet } from './wallet/linkWallet.ts'
import { type Payment, payLink } from './wallet/wallet.ts'

export interface Listing {
  readonly gpu: string
  readonly count: number
  readonly usdPerGpuHour: string
  readonly name: string
}

/** What the demo's ask really runs: a few seconds of counting in a plain process, and a file left behind. */
export const DEMO_COMMAND = `sh -c 'for step in 1 2 3; do echo "step $step of 3 on $(uname -m)"; sleep 1; done; echo "loss 0.042" > "$NECTO_OUTPUT/result.txt"'`

const STEP_TIMEOUT_MS = 90_000

/** Everything people do on one platform, each waiting for what they then see. */
export function createStory<Person, Chat, Entry extends SeenMessage>(options: {
  world: World
  chats: ChatWorld<Person, Chat, Entry>
  dataDir: string
}) {
  const { world, chats, dataDir } = options
  const { cast } = chats
  const keyFile = path.join(dataDir, '..', 'runner.key')

  // An empty one says only that the bot is thinking.
  const see = (chat: Chat, matches: (entry: Entry) => boolean, after = 0) =>
    chats.waitFor(chat, (entry) => entry.fromBot && entry.text !== '' && matches(entry), {
      timeoutMs: STEP_TIMEOUT_MS,
      after,
    })
  const shows = (text: string) => (entry: SeenMessage) => entry.text.includes(text)
  const hasButton = (text: string) => (entry: SeenMessage) =>
    entry.buttons.flat().some((button) => button.text.startsWith(text))
  const seen = (chat: Chat) => chats.transcript(chat).length

  /** The newest state of the message whose heading names the job. */
  function jobMessage(chat: Chat, ref: string): Entry | undefined {
    const newest = new Map(chats.transcript(chat).map((entry) => [entry.messageId, entry]))
    return [...newest.values()].findLast(({ event, text }) => event !== 'deleted' && text.startsWith(`Job ${ref}`))
  }

  return {
    cast,
    see,
    seen,
    jobMessage,

    /** The runner makes its own key; only the address leaves the seller's machine. */
    async makeRunnerKey(): Promise<string> {
      const { output } = await runProcess({ args: ['keeper/seller/main.ts', 'key', '--key', keyFile] })
      return output.trim()
    },

    startRunner: (): RunningProcess =>
      startProcess({
        args: [
          'keeper/seller/main.ts',
          'run',
          '--api',
          world.sellerApiUrl,
          '--key',
          keyFile,
          '--unsafe-process',
          '--heartbeat',
          '0.5',
        ],
      }),

    async meetTheBot(): Promise<void> {
      for (const person of [cast.admin, cast.seller, cast.member]) chats.meet(person)
      for (const chat of [cast.adminChat, cast.sellerChat, cast.memberChat]) await see(chat, shows('Necto'))
    },

    /** The seller's wallet signs in by the link and the code of this message; undefined: it asks for none. */
    async linkPayout(
      { text, buttons }: Pick<Entry, 'text' | 'buttons'>,
      account: LocalAccount = accounts.provider,
    ): Promise<Linking | undefined> {
      const code = /Your code: (\d{6})/.exec(text)?.[1]
      const url = buttons.flat().find((button) => button.url?.includes('/link/'))?.url
      return code && url ? linkWallet({ url, code, account }) : undefined
    },

    /** A seller lists hardware and links a wallet, an admin approves, the registry entry goes on chain, the seller puts it up. */
    async sell(listing: Listing, runner: string): Promise<Linking | undefined> {
      const { gpu, count, usdPerGpuHour, name } = listing
      const before = { admin: seen(cast.adminChat), seller: seen(cast.sellerChat) }
      const payout = accounts.provider.address
      chats.command(
        cast.seller,
        cast.sellerChat,
        `sell ${gpu} x${count} in Berlin at ${usdPerGpuHour} wallet ${payout} runner ${runner} runs process as "${name}"`,
      )
      const linked = await this.linkPayout(await see(cast.sellerChat, shows(name), before.seller))
      const request = await see(cast.adminChat, hasButton('Approve'), before.admin)
      await chats.press(cast.admin, request, 'Approve')
      const live = await see(
        cast.sellerChat,
        (entry) => shows('[○ offline]')(entry) && shows(name)(entry),
        before.seller,
      )
      const id = /S-[0-9A-Z-]{9}/.exec(live.text)?.[0] ?? ''
      await this.capacity(`available ${id}`, '[● LIVE]')
      return linked
    },

    async capacity(words: string, badge: string): Promise<void> {
      const after = seen(cast.sellerChat)
      chats.command(cast.seller, cast.sellerChat, `capacity ${words}`)
      await see(cast.sellerChat, shows(badge), after)
    },

    /** A member asks in the team's group; answers where the story goes on, and the job's ref. */
    async ask(text: string, how: { untracked?: boolean } = {}): Promise<{ ref: string; chat: Chat; entry: Entry }> {
      const chat = how.untracked ? cast.memberChat : cast.team
      const after = seen(chat)
      chats.command(cast.member, cast.team, `job ${text}`)
      const decided = (entry: Entry) =>
        hasButton('Pay up to')(entry) ||
        hasButton('Scan again')(entry) ||
        shows('Nothing that fits')(entry) ||
        // There is nothing to pay for then, so no button says that the card is whole.
        (shows('prices only: add')(entry) && shows('Valid until')(entry))
      const first = await see(chat, (entry) => decided(entry) || shows('I did not get all')(entry), after)
      return { ref: /^Job ([0-9A-Z]{4}-[0-9A-Z]{4})/.exec(first.text)?.[1] ?? '', chat, entry: first }
    },

    /** Presses Pay: the decision is sealed, the link to the pay page appears. */
    async order(job: { ref: string; chat: Chat }): Promise<string> {
      const message = jobMessage(job.chat, job.ref)
      if (!message) throw new Error(`no message of job ${job.ref}`)
      await chats.press(
        cast.member,
        message,
        message.buttons.flat().find((button) => button.text.startsWith('Pay up to'))?.text ?? 'Pay',
      )
      const entry = await see(
        job.chat,
        (one) => one.text.startsWith(`Job ${job.ref}`) && hasButton('Open the payment page')(one),
      )
      return entry.buttons.flat().find((button) => button.url)?.url ?? ''
    },

    /** The test wallet opens the link as a wallet's browser would, checks the terms, and signs once. */
    pay: (url: string): Promise<Payment> =>
      payLink({ url, account: accounts.payer, chainId: ESCROW_CHAIN_ID, refundTo: accounts.payer.address }),

    /** The job's message, once it says how it ended. */
    ended: (job: { ref: string; chat: Chat }): Promise<Entry> =>
      chats.waitFor(
        job.chat,
        (entry) => entry.text.startsWith(`Job ${job.ref}`) && /Charged|Refunded:/.test(entry.text),
        { timeoutMs: 120_000 },
      ),

    async readLogs(ref: string): Promise<Entry> {
      const after = seen(cast.memberChat)
      chats.command(cast.member, cast.memberChat, `logs ${ref}`)
      return see(cast.memberChat, () => true, after)
    },

    /** The submitter reads the log by /logs (tracked) and gets the link with the key. */
    async resultSeen(job: { ref: string }, untracked: boolean): Promise<Entry> {
      const link = await see(
        cast.memberChat,
        (entry) => entry.text.includes(job.ref) && hasButton('Log and output')(entry),
      )
      if (!untracked) await this.readLogs(job.ref)
      return link
    },

    verify: (target: readonly string[]) =>
      runProcess({ args: ['bots/terminal/main.ts', 'verify', ...target], env: verifyEnv(world) }),

    /** USDC of everybody the story pays, in micro-dollars; fees wait in the router until somebody withdraws them. */
    async balances(): Promise<Record<'payer' | 'provider' | 'fees' | 'escrow', bigint>> {
      const { client, usdc } = world.escrow
      const of = (account: `0x${string}`) => readUsdcBalance({ client, usdc: usdc.address, account })
      const feeRecipient = accounts.feeRecipient.address
      const { router } = world.escrow.deployed
      const [payer, provider, withdrawn, waiting, held] = await Promise.all([
        of(accounts.payer.address),
        of(accounts.provider.address),
        of(feeRecipient),
        readCredit({ client, router, account: feeRecipient }),
        of(router),
      ])
      return { payer, provider, fees: withdrawn + waiting, escrow: held - waiting }
    },

    fundWallet: (usdc: bigint) => world.escrow.usdc.mint(accounts.payer.address, usdc * 1_000_000n),
  }
}

/** What a stranger needs to verify: the chain, the router, 0G; nothing of Necto's. */
export function verifyEnv({ env }: World): Record<string, string> {
  const keys = ['ESCROW_CHAIN_ID', 'ESCROW_RPC_URLS', 'ROUTER_ADDRESS', 'ROUTER_FROM_BLOCK', 'STORAGE_INDEXER_URL']
  return Object.fromEntries(keys.map((key) => [key, env[key] ?? '']))
}

export const showUsdc = (amount: bigint): string => `${formatUnits(amount, 6)} USDC`
