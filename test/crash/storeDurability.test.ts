// After a power cut: every write is synced before it takes its name, and the name before it is promised.
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { fileNameOf } from '../../core/store/fileName.ts'
import { startStoreProcess } from './storeProcess.ts'

const traceSchema = z.object({
  traceEvents: z.array(
    z.object({
      ph: z.string(),
      cat: z.string(),
      name: z.string(),
      args: z.object({ path: z.string(), new_path: z.string(), result: z.number() }).partial(),
    }),
  ),
})

let directory: string
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'necto-sync-')))
})
afterEach(() => rm(directory, { recursive: true }))

test('the file calls of insert, remove and a blob come in the order that survives', async () => {
  const data = join(directory, 'data')
  const trace = join(directory, 'trace.json')
  const writer = startStoreProcess({
    verb: 'once',
    directory: data,
    nodeOptions: ['--trace-event-categories', 'node.fs.async', '--trace-event-file-pattern', trace],
  })
  await writer.ended
  expect(writer.lines()).toEqual([])

  const { traceEvents } = traceSchema.parse(JSON.parse(await readFile(trace, 'utf8')))
  const fileEvents = traceEvents.filter((event) => event.cat.includes('node.fs.async'))
  expect(
    fileEvents.filter((event) => event.name === 'fsync' && event.args.result !== undefined && event.args.result !== 0),
  ).toEqual([])
  const calls = fileEvents
    .filter((event) => event.ph === 'b' && event.name !== 'close')
    .map(({ name, args }) => {
      const path = args.new_path ?? args.path ?? ''
      return `${name} ${path.replace(data, '').replace(/\.[0-9a-f-]{36}\.tmp$/, '.*.tmp')}`.trim()
    })
  const document = `/counters/${fileNameOf('traced')}.json`
  const blob = `/blobs/${fileNameOf('traced')}.bin`
  const expected = [
    ...[`open ${document}.*.tmp`, 'write', 'fsync', `rename ${document}`, 'open /counters', 'fsync'],
    ...[`unlink ${document}`, 'open /counters', 'fsync'],
    ...[`open ${blob}.*.tmp`, 'write', 'fsync', `rename ${blob}`, 'open /blobs', 'fsync'],
    ...[`unlink ${blob}`, 'open /blobs', 'fsync'],
  ]
  const start = calls.indexOf(`open ${document}.*.tmp`)
  expect(calls.slice(start, start + expected.length)).toEqual(expected)
})
