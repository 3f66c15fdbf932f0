// The container driver with a real engine: Podman pulls an image from a registry and runs it, where a container can be run.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobEnv } from '../../core/jobs/jobEnv.ts'
import { containerName, createContainerDriver } from './docker.ts'
import { temporaryFolder } from './testDesk.ts'

const IMAGE = 'localhost/necto-test:1'
const folder = temporaryFolder()
// Nothing of it stays on the machine; limits that any machine allows; and an engine below that knows every kernel's cgroups.
const settings = {
  CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
  CONTAINERS_CONF: join(folder, 'containers.conf'),
  CONTAINERS_REGISTRIES_CONF: join(folder, 'registries.conf'),
}
const podman = (...args: string[]) => execFileSync('podman', args, { encoding: 'utf8', stdio: 'pipe' })

/** Why no container can be run here; undefined once one was. */
function whyNot(): string | undefined {
  try {
    Object.assign(process.env, settings)
    const storage = { graphroot: join(folder, 'images'), runroot: join(folder, 'run'), driver: 'vfs' }
    const lines = Object.entries(storage).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
    writeFileSync(settings.CONTAINERS_STORAGE_CONF, `[storage]\n${lines.join('')}`)
    const runtime = spawnSync('runc', ['--version']).status === 0 ? '[engine]\nruntime = "runc"\n' : ''
    const limits = '[containers]\ndefault_ulimits = ["nofile=1000:1000", "nproc=1000:1000"]\n'
    writeFileSync(settings.CONTAINERS_CONF, limits + runtime)
    writeFileSync(settings.CONTAINERS_REGISTRIES_CONF, '')
    mkdirSync(join(folder, 'root/bin'), { recursive: true })
    cpSync(
      execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim(),
      join(folder, 'root/bin/busybox'),
    )
    for (const name of ['sh', 'sleep', 'env']) execFileSync('ln', ['-s', 'busybox', join(folder, 'root/bin', name)])
    execFileSync('tar', ['-C', join(folder, 'root'), '-cf', join(folder, 'root.tar'), '.'])
    podman('import', '--quiet', join(folder, 'root.tar'), IMAGE)
    podman('run', '--rm', '--init', IMAGE, 'sh', '-c', 'true')
    return undefined
  } catch (error) {
    return String(error).split('\n').slice(0, 2).join(' ')
  }
}

const reason = whyNot()
if (reason) console.warn(`The runs of the container driver with Podman are skipped: ${reason}`)

/** There is no GPU in a test: what asks for one becomes a variable that the container can tell. */
function programWithoutGpus(): string {
  const program = join(folder, 'podman')
  const script = [
    '#!/bin/sh',
    'for word do',
    '  shift',
    '  case $word in',
    '    --device) continue ;;',
    '    nvidia.com/gpu=*) set -- "$@" --env "GPU_$(echo "$word" | cut -d= -f2)=given" ;;',
    '    *) set -- "$@" "$word" ;;',
    '  esac',
    'done',
    'exec podman "$@"',
  ]
  writeFileSync(program, `${script.join('\n')}\n`)
  chmodSync(program, 0o700)
  return program
}

/** What a registry serves of one image, out of what Podman wrote into `layout`. */
async function serveImage(layout: string): Promise<Server> {
  const server = createServer((request, response) => {
    const [, kind, id] = /^\/v2\/acme\/train\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? []
    if (!kind || !id) return response.writeHead(request.url === '/v2/' ? 200 : 404).end()
    const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'))
    const digest = id.startsWith('sha256:') ? id : index.manifests[0].digest
    const type = kind === 'manifests' ? index.manifests[0].mediaType : 'application/octet-stream'
    const bytes = readFileSync(join(layout, 'blobs', digest.replace(':', '/')))
    const headers = { 'content-type': type, 'content-length': bytes.length, 'docker-content-digest': digest }
    return response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

let registry: Server | undefined
let count = 0
beforeAll(() => {
  if (reason) return
  programWithoutGpus()
})
afterAll(async () => {
  registry?.close()
  if (!reason) podman('system', 'reset', '--force')
  rmSync(folder, { recursive: true, force: true })
})

function run(of: { script: string; image?: string; gpuCount?: number; env?: JobEnv; program?: string }) {
  const place = join(folder, `job${++count}`)
  mkdirSync(join(place, 'output'), { recursive: true })
  const jobId = `0x${count.toString(16).padStart(24, '0').padEnd(64, 'a')}` as const
  const workload = { image: of.image ?? IMAGE, command: ['sh', '-c', of.script] }
  const job = { jobId, workload, gpuCount: of.gpuCount ?? 1, maxSeconds: 60, ...(of.env && { env: of.env }) }
  const logPath = join(place, 'log')
  const assignment = { job, workPath: place, outputPath: join(place, 'output'), logFd: openSync(logPath, 'a') }
  const driver = createContainerDriver({ engine: 'podman', program: of.program ?? join(folder, 'podman') })
  return {
    driver,
    assignment,
    name: containerName(jobId),
    start: () => driver.start(assignment, () => {}),
    output: () => readdirSync(assignment.outputPath),
    readLog: () => readFileSync(logPath, 'utf8'),
  }
}
const isGone = (name: string) => spawnSync('podman', ['container', 'exists', name]).status === 1

describe.skipIf(reason)('a job in Podman', () => {
  test('is pulled, has its GPUs and secrets, hands in log, output and exit code, and is gone', async () => {
    podman('save', '--quiet', '--format', 'oci-dir', '--output', join(folder, 'layout'), IMAGE)
    registry = await serveImage(join(folder, 'layout'))
    const host = `127.0.0.1:${(registry.address() as AddressInfo).port}`
    writeFileSync(settings.CONTAINERS_REGISTRIES_CONF, `[[registry]]\nlocation = "${host}"\ninsecure = true\n`)
    const script = 'echo "$GPU_0 $GPU_1 $GPU_2|$TOKEN"; echo 0.042 >"$NECTO_OUTPUT/loss"; echo oops >&2; exit 7'
    const job = run({ image: `${host}/acme/train:2`, script, gpuCount: 2, env: { TOKEN: ' "a" = $b ' } })
    await job.driver.prepare(job.assignment, new AbortController().signal)
    expect(await job.start().ended).toEqual({ exitCode: 7 })
    expect(job.readLog()).toBe('given given | "a" = $b \noops\n')
    expect(job.output()).toEqual(['loss'])
    await expect.poll(() => isGone(job.name)).toBe(true)
    const none = run({ image: `${host}/acme/nothing:1`, script: 'true' })
    const pulling = none.driver.prepare(none.assignment, new AbortController().signal)
    await expect(pulling).rejects.toMatchObject({ code: 'seller.prepare' })
  })

  test('stops when it is told, and says how', async () => {
    const job = run({ script: 'echo begun; exec sleep 600' })
    const running = job.start()
    await expect.poll(job.readLog).toBe('begun\n')
    running.stop()
    expect(await running.ended).toEqual({ exitCode: 143 })
  })

  test('of a runner that died is ended by the next one', async () => {
    const job = run({ script: 'echo begun; exec sleep 600' })
    const { ended } = job.start()
    await expect.poll(job.readLog).toBe('begun\n')
    expect(await job.driver.endLeftover(job.name)).toBe(true)
    expect(isGone(job.name)).toBe(true)
    await ended
    expect(await job.driver.endLeftover(job.name)).toBe(false)
  })

  test('that ends with the engine’s own codes is an end; what never ran is a failure', async () => {
    for (const exitCode of [125, 126, 127])
      expect(await run({ script: `exit ${exitCode}` }).start().ended).toEqual({ exitCode })
    const failed = { exitCode: expect.any(Number), failure: expect.stringContaining('podman could not start') }
    // No GPU is here, and this time Podman itself is asked for them.
    const without = run({ script: 'true', program: 'podman' })
    expect(await without.start().ended).toEqual(failed)
    expect(without.readLog()).toContain('nvidia.com/gpu=0')
    expect(await run({ script: 'true', image: 'localhost/nothing:1' }).start().ended).toEqual(failed)
  })
})
