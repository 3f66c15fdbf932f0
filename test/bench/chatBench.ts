// What people wait for in a chat: the answer to a command, and a message that is edited while a job goes on.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PACES } from '../../bots/chat/chatBudget.ts'
import type { Place } from '../../bots/chat/inbound.ts'
import { createLiveMessages } from '../../bots/chat/liveMessage.ts'
import type { Chat } from '../../bots/chat/port.ts'
import { textView } from '../../bots/chat/view.ts'
import { connectDiscord } from '../../bots/discord/testDiscord.ts'
import { createBots } from '../../bots/main.ts'
import { connectTelegram } from '../../bots/telegram/testTelegram.ts'
import { systemClock as clock } from '../../core/clock.ts'
import { createTestJobs } from '../../core/jobs/testJobs.ts'
import { silentLog } from '../../core/log.ts'
import { openLowdbStore } from '../../core/store/lowdb.ts'
import { startDiscord } from '../world/discord/startDiscord.ts'
import { startTelegram } from '../world/telegram/startTelegram.ts'
import type { Bench, Row } from './bench.ts'
import { summarize } from './measure.ts'

const COMMANDS = 200
const UPDATES = 60
const UPDATE_EVERY_MS = 100
const FAST_UPDATES = 20_000
// Discord shows an error after 3 s; a person thinks of a fault after one.
const ACK_AIM_MS = 100

export const chatBench: Bench = {
  name: 'chat',
  about: 'a command to its answer on both platforms, and updates through a live message',
  run: async () => [
    ...(await answers()),
    ...(await liveRows('Telegram group', connectTelegram)),
    ...(await liveRows('Discord channel', connectDiscord)),
  ],
}

/** The whole bot over a store on disk: each command is stored before it is answered. */
async function answers(): Promise<Row[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'necto-bench-'))
  const store = await openLowdbStore({ directory: folder })
  const [telegram, discord] = await Promise.all([startTelegram(), startDiscord()])
  const { context, market } = await createTestJobs({ store, clock })
  const bots = createBots({
    context,
    store,
    market,
    telegram,
    discord,
    admins: [],
    scansPerDay: 100_000,
    publicUrl: 'http://127.0.0.1:8080',
    gatewayUrl: 'http://127.0.0.1:9200',
    explorerTxUrl: undefined,
  })
  const ending = new AbortController()
  let running: Promise<void> = Promise.resolve()
  try {
    await new Promise<unknown>((resolve, reject) => {
      running = bots.run(ending.signal, resolve)
      running.catch(reject)
    })
    // A person and a channel each, since what is measured is the answer and not the pace that a chat is written at.
    const onTelegram = await timed(async (run) => {
      const ann = telegram.user({ id: 1_000 + run, firstName: 'Ann' })
      const privately = telegram.privateChat(ann)
      telegram.command(ann, privately, 'jobs')
      await telegram.waitFor(privately, (entry) => entry.fromBot)
    })
    const bob = discord.user({ name: 'Bob' })
    const guild = discord.guild({ name: 'Acme', owner: bob })
    discord.addBot(guild)
    const acks: number[] = []
    const onDiscord = await timed(async (run) => {
      const channel = discord.channel(guild, `channel-${run}`)
      const startedAt = performance.now()
      await discord.command(bob, channel, 'jobs')
      acks.push(performance.now() - startedAt)
      await discord.waitFor(channel, ({ text }) => text.includes('Tracked job'))
    })
    return [
      { what: 'Telegram: /jobs to its answer', unit: 'ms', ...summarize(onTelegram) },
      { what: 'Discord: /jobs to its acknowledgement', unit: 'ms', ...summarize(acks), aim: ACK_AIM_MS },
      { what: 'Discord: /jobs to its answer', unit: 'ms', ...summarize(onDiscord) },
    ]
  } finally {
    ending.abort()
    await running
    await Promise.all([telegram.stop(), discord.stop()])
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function timed(once: (run: number) => Promise<void>): Promise<number[]> {
  const times: number[] = []
  for (let run = 0; run < COMMANDS; run++) {
    const startedAt = performance.now()
    await once(run)
    times.push(performance.now() - startedAt)
  }
  return times
}

interface Connected {
  readonly chat: Chat
  readonly teamPlace: Place
  close(): Promise<void>
}

/** Sixty states in six seconds as a scan brings them, then as many as the process can make. */
async function liveRows(name: string, connect: () => Promise<Connected>): Promise<Row[]> {
  const connected = await connect()
  try {
    const { chat, teamPlace } = connected
    await chat.start()
    await chat.setCommands([])
    let edits = 0
    const counted: Chat = {
      ...chat,
      username: chat.username,
      async edit(...args) {
        edits++
        return chat.edit(...args)
      },
    }
    const live = createLiveMessages({ port: counted, clock, log: silentLog, budgets: PACES })
    const message = await live.open(teamPlace, textView('0'))
    for (let i = 1; i < UPDATES; i++) {
      live.update(message, textView(`state ${i} of ${UPDATES}`))
      await clock.sleep(UPDATE_EVERY_MS, new AbortController().signal)
    }
    const lastAt = performance.now()
    await live.finish(message, textView('the last state'))
    const shownMs = performance.now() - lastAt
    const sent = edits
    const other = await live.open(teamPlace, textView('0'))
    const startedAt = performance.now()
    for (let i = 0; i < FAST_UPDATES; i++) live.update(other, textView(`state ${i}`))
    const perSecond = FAST_UPDATES / ((performance.now() - startedAt) / 1000)
    await live.close()
    return [
      {
        what: `${name}: last of ${UPDATES} states in 6 s visible after`,
        unit: 'ms',
        ...summarize([shownMs]),
        aim: 1_000,
      },
      { what: `${name}: edits sent for them`, unit: 'edits', ...summarize([sent]) },
      { what: `${name}: updates that a live message takes`, unit: '/s', ...summarize([perSecond]) },
    ]
  } finally {
    await connected.close()
  }
}
