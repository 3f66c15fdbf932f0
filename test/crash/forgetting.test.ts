// MODE-03, ZERO-05/06: after its end nothing of whoever asked for an untracked job is on the disk; what is public never names anybody.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Job, JobMode } from '../../core/jobs/job.ts'
import { saveSecrets } from '../../core/jobs/secrets.ts'
import { asker, askerChat, createTestJobs } from '../../core/jobs/testJobs.ts'
import { getUploaded, uploads } from '../../core/jobs/upload.ts'
import { createTemporaryStore } from '../../core/store/temporaryStore.ts'
import { createJobWorld, type JobWorld, type Life } from './jobWorld.ts'

// Words of the workload, of its log and of its output: rare enough to be found only where they were put.
const WORDS = ['zyzzyva-model', 'xylophone', 'loss 0.042', 'weights']
const SECRET = 'planted-value-93f1c7'
const PERSON = [asker.userId, asker.label, askerChat.chatId]

const open: { dispose(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose()
})

/** The files of the store's folder that hold the text, named by their collection. */
async function filesWith(directory: string, text: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const bytes = await readFile(join(entry.parentPath, entry.name))
    if (bytes.includes(text) || entry.name.includes(text)) found.push(entry.parentPath.slice(directory.length + 1))
  }
  return [...new Set(found)].toSorted()
}

async function runThrough(mode: JobMode, switchTo?: JobMode) {
  const disk = await createTemporaryStore()
  open.push(disk)
  const world = await createJobWorld({ inner: disk.store })
  const life = await world.begin()
  world.says('tg:1001', 'job', `h100 x1 4h ${mode} run python zyzzyva-model.py --dataset xylophone`)
  await life.turn()
  // The message is edited at its own pace, so a button may take a moment to be there.
  const press = async (eventKey: string, label: string) => {
    for (let i = 0; i < 20 && !world.presses(eventKey, label); i++) {
      await world.clock.tick(600)
      await life.turn()
    }
    await life.turn()
  }
  if (switchTo) await press('tg:1002', mode === 'tracked' ? 'Tracked' : 'Untracked')
  await press('tg:1003', 'Pay')
  await press('tg:1004', 'Add secrets')
  const secretsToken = linkOf(world, 'Enter secrets').split('/secrets/')[1] ?? ''
  const saved = await saveSecrets({ context: life.shop.context, secretsToken, text: `HF_TOKEN=${SECRET}` })
  if (!saved.ok) throw new Error(saved.why)
  const during = await filesWith(disk.directory, asker.userId)
  const secretsDuring = await Promise.all([secretsToken, SECRET].map((text) => filesWith(disk.directory, text)))
  const [ordered] = await world.jobs()
  if (ordered?.state !== 'ordered') throw new Error(`it is ${ordered?.state}`)
  await life.shop.pays(await life.shop.signs(ordered))
  for (let i = 0; i < 12; i++) {
    await life.turn()
    await life.work()
    await world.clock.tick(2_000)
  }
  await life.end()
  const [job] = await world.jobs()
  if (job?.state !== 'settled') throw new Error(`it is ${job?.state}`)
  return { world, job, during, secretsToken, secretsDuring, where: (text: string) => filesWith(disk.directory, text) }
}

/** The address behind the button with this label. */
function linkOf({ views }: JobWorld, label: string): string {
  const buttons = [...views.values()].flatMap((view) => view.buttons?.flat() ?? [])
  const link = buttons.find((button) => button.label === label)
  return link && 'url' in link ? link.url : ''
}

test.each<[string, JobMode, JobMode | undefined]>([
  ['asked for as untracked', 'untracked', undefined],
  ['asked for as tracked and switched', 'tracked', 'untracked'],
])('MODE-03: %s: nobody is in the store after the job, in no collection and no blob', async (_, mode, switchTo) => {
  const { where, during, job, world, secretsToken, secretsDuring } = await runThrough(mode, switchTo)
  // Found while it ran, so that not finding it afterwards means something.
  expect(during).toContain('sessions')
  expect(job.mode).toBe('untracked')
  for (const text of PERSON) expect({ text, in: await where(text) }).toEqual({ text, in: [] })
  // The job knows what it ran; log and output are there only as ciphertext.
  expect(await where('zyzzyva-model')).toEqual(['jobs'])
  for (const text of ['loss 0.042', 'weights']) expect({ text, in: await where(text) }).toEqual({ text, in: [] })
  // OUTPUT-01: the key went to the asker, in the last message, and is nowhere here.
  const key = new URL(linkOf(world, 'Log and output')).hash.slice('#key='.length)
  expect(key).toMatch(/^[0-9a-f]{64}$/)
  expect(await where(key)).toEqual([])
  // Nor are its secrets, or the link that set them.
  expect(secretsToken).toMatch(/^[0-9a-f]{64}$/)
  expect(secretsDuring).toEqual([['sessions'], ['job-secrets']])
  for (const text of [secretsToken, SECRET]) expect({ text, in: await where(text) }).toEqual({ text, in: [] })
})

test('MODE-02: a tracked job names its user in the job and nowhere that is public', async () => {
  const { where, job, secretsToken } = await runThrough('tracked')
  expect(job.user).toMatchObject(asker)
  expect(await where(asker.label)).toEqual(['jobs'])
  expect(await where('zyzzyva-model')).toEqual(['jobs'])
  for (const text of [secretsToken, SECRET]) expect({ text, in: await where(text) }).toEqual({ text, in: [] })
})

test.each<JobMode>(['tracked', 'untracked'])(
  'ZERO-01: record, receipt and evidence of a %s job hold neither person nor workload',
  async (mode) => {
    const { world, job } = await runThrough(mode)
    const files = world.inner.collection(uploads)
    const kinds: string[] = []
    for (const { value } of await files.list()) {
      const bytes =
        (await getUploaded({ uploads: files, blobs: world.inner.blobs, root: value.root })) ?? new Uint8Array()
      const text = Buffer.from(bytes).toString('latin1')
      kinds.push(value.kind)
      for (const word of [...WORDS, ...PERSON])
        expect({ kind: value.kind, word, in: text.includes(word) }).toMatchObject({ in: false })
      expect(text).not.toContain(job.workload?.salt ?? '?')
      if (value.kind === 'record') expect(text).toContain(job.workload?.hash ?? '?')
    }
    expect(kinds.toSorted()).toEqual(['evidence', 'log', 'output', 'record'])
  },
)

test('MODE-02, ZERO-05/06: the same ask sealed both ways differs in `user` alone, byte for byte', async () => {
  const seal = async (mode: JobMode): Promise<string> => {
    // The same bytes of chance for both, so that refs, ids and salts are equal.
    let at = 0
    const random = (length: number) => Uint8Array.from({ length }, () => (at++ * 37) % 251)
    const shop = await createTestJobs({ random })
    const job = await shop.orders(await shop.scans(await shop.asks({ mode, teamId: 'telegram:-100777' })))
    const root = job.record?.root ?? '0x'
    const bytes = await getUploaded({ uploads: shop.context.uploads, blobs: shop.context.blobs, root })
    return new TextDecoder().decode(bytes)
  }
  const [tracked, untracked] = [await seal('tracked'), await seal('untracked')]
  const user = /"user":\{"member":\{[^{}]*\},"team":\{[^{}]*\}\},/.exec(tracked)?.[0] ?? '?'
  expect(tracked.replace(user, '')).toBe(untracked)
  expect(untracked).not.toContain('user')
  expect(JSON.parse(untracked)).not.toHaveProperty('user')
})

test('a job that never ran is forgotten too: given up, lapsed, refused', async () => {
  const ends: ((world: JobWorld, life: Life) => Promise<void>)[] = [
    async (world, life) => {
      for (let i = 0; i < 20 && !world.presses('tg:2', 'Cancel'); i++) {
        await world.clock.tick(600)
        await life.turn()
      }
    },
    (world) => world.clock.tick(16 * 60_000),
    async () => {},
  ]
  const asks = ['h100 x1 4h', 'h100 x1 4h', 'h100 x1 4h max 1']
  const states: Job['state'][] = []
  for (const [index, end] of ends.entries()) {
    const disk = await createTemporaryStore()
    open.push(disk)
    const world = await createJobWorld({ inner: disk.store })
    const life = await world.begin()
    world.says('tg:1', 'job', `${asks[index]} untracked run python zyzzyva-model.py`)
    await life.turn()
    await end(world, life)
    for (let i = 0; i < 4; i++) {
      await life.turn()
      await world.clock.tick(2_000)
    }
    await life.end()
    states.push(...(await world.jobs()).map(({ state }) => state))
    for (const text of PERSON)
      expect({ index, text, in: await filesWith(disk.directory, text) }).toMatchObject({ in: [] })
  }
  expect(states).toEqual(['cancelled', 'lapsed', 'refused'])
})
