// The ask grammar: what is understood, what is refused and how, and that printing round-trips.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gpuFamilies } from '../gpu/gpuTable.ts'
import { parseUsd, perGpuHour } from '../money.ts'
import { type Ask, askSchema, priceModel, type Workload } from './ask.ts'
import { parseAskText } from './askGrammar.ts'
import { printAsk } from './printAsk.ts'

const knownProviders = ['akash', 'nosana', 'ionet', 'aws-spot', 'render', 'necto']
const parse = (text: string) => parseAskText(text, { knownProviders })
const ask = (text: string) => {
  const result = parse(text)
  if (!result.ok) throw new Error(JSON.stringify(result))
  return result
}
const refused = (text: string) => {
  const result = parse(text)
  if (result.ok) throw new Error(`understood: ${text}`)
  return result
}

describe('what is understood (AGENT-01, BUYER-01)', () => {
  test('a full line', () => {
    const text =
      'h100 x2 4h max 2.50 eu no-spot only akash,nosana not aws-spot vram 80 sort uptime within 5% untracked image pytorch/pytorch:2.4 run python train.py --name "my run"'
    expect(ask(text)).toEqual({
      ok: true,
      ask: {
        gpu: { family: 'h100' },
        gpuCount: 2,
        maxSeconds: 14_400,
        maxUsdPerGpuHour: parseUsd('2.50'),
        regions: ['eu'],
        excludeModels: ['spot'],
        onlyProviders: ['akash', 'nosana'],
        excludeProviders: ['aws-spot'],
        minMemoryGib: 80,
        sort: 'uptime',
        withinBps: 500,
        runtime: 'container',
      },
      workload: { image: 'pytorch/pytorch:2.4', command: ['python', 'train.py', '--name', 'my run'] },
      mode: 'untracked',
    })
  })

  test('the least there is: one GPU, no workload, so either runtime', () => {
    expect(ask('4h rtx 4090')).toEqual({
      ok: true,
      ask: { gpu: { family: 'rtx4090' }, gpuCount: 1, maxSeconds: 14_400 },
    })
  })

  test.each([
    ['h100 90m', { maxSeconds: 5400 }],
    ['h100 1h30m', { maxSeconds: 5400 }],
    ['h100 2d', { maxSeconds: 172_800 }],
    ['H100 4H X8', { gpuCount: 8 }],
    ['h100 4h 8x', { gpuCount: 8 }],
    ['h100 4h max $3', { maxUsdPerGpuHour: 3_000_000n }],
    ['h100 4h max 3.00/h', { maxUsdPerGpuHour: 3_000_000n }],
    ['h100 4h max 2.5usd/gpu-hour', { maxUsdPerGpuHour: 2_500_000n }],
    ['a100 80gb sxm 4h', { gpu: { family: 'a100', memoryGib: 80, interface: 'sxm' } }],
    ['a100-40gb 4h', { gpu: { family: 'a100', memoryGib: 40 } }],
    ['h100 4h eu us', { regions: ['eu', 'us'] }],
    ['h100 4h eu,us', { regions: ['eu', 'us'] }],
    ['h100 4h germany', { regions: ['de'] }],
    ['h100, x2, 4h', { gpuCount: 2, maxSeconds: 14_400 }],
    ['h100 4h only akash, nosana', { onlyProviders: ['akash', 'nosana'] }],
    ['h100 4h only akash ,nosana eu', { onlyProviders: ['akash', 'nosana'], regions: ['eu'] }],
    ['h100 4h only akash only nosana', { onlyProviders: ['akash', 'nosana'] }],
    ['h100 4h no-spot no-auction no-spot', { excludeModels: ['spot', 'auction'] }],
    ['h100 4h vram 80GB', { minMemoryGib: 80 }],
    ['h100 4h sort latency within 0.5 %', { sort: 'latency', withinBps: 50 }],
    ['h100 4h container', { runtime: 'container' }],
    ['h100 4h process', { runtime: 'process' }],
    ['  h100\n4h\tx2 ', { gpuCount: 2 }],
    ['h100 4h uptime 99%', { minUptimePercent: 99 }],
    ['h100 4h uptime 99.95 %', { minUptimePercent: 99.95 }],
    ['h100 4h sort uptime uptime 95', { sort: 'uptime', minUptimePercent: 95 }],
    ['h100 4h fresh 5m', { maxAgeSeconds: 300 }],
    ['h100 4h fresh 90s', { maxAgeSeconds: 90 }],
    ['h100 4h bookable', { bookableOnly: true }],
    ['h100 4h IN,NO', { regions: ['in', 'no'] }],
    ['h100 4h south korea', { regions: ['kr'] }],
  ])('%s', (text, expected) => {
    expect(ask(text).ask).toMatchObject(expected)
  })

  test.each([
    ['run python train.py', ['python', 'train.py']],
    ['run  sh -c "echo \'a b\' && ls | wc"', ['sh', '-c', "echo 'a b' && ls | wc"]],
    ["run echo 'it'\\''s' \"\"", ['echo', "it's", '']],
    ['run echo $HOME *.txt ; rm -rf /', ['echo', '$HOME', '*.txt', ';', 'rm', '-rf', '/']],
    ['run python run run.py', ['python', 'run', 'run.py']],
    ['run a\\ b "c\\"d" e"f"g', ['a b', 'c"d', 'efg']],
    ['RUN nvidia-smi\n-L', ['nvidia-smi', '-L']],
  ])('the command of "%s" is data, never a shell line', (text, command) => {
    expect(ask(`h100 4h ${text}`).workload).toEqual({ command })
  })

  test('words after run are not clauses', () => {
    const { ask: constraints, workload } = ask('h100 4h run max 3 eu image x tracked')
    expect(constraints).toEqual({ gpu: { family: 'h100' }, gpuCount: 1, maxSeconds: 14_400, runtime: 'process' })
    expect(workload?.command).toEqual(['max', '3', 'eu', 'image', 'x', 'tracked'])
  })
})

describe('what is refused', () => {
  test('a missing duration is a problem, not a guess', () => {
    const result = refused('h100 x2 eu')
    expect(result.problems).toEqual([{ text: '', why: 'How long may it run at most?', suggestion: '4h' }])
    expect(result.understood).toEqual(['h100', 'x2', 'eu'])
    expect(result.example).toBe('h100 x2 4h eu')
  })

  test.each([
    ['900h', '30d'],
    ['1.5h', '1h30m'],
    ['59s', '1m'],
  ])('a duration said badly (%s) is one problem, and the example has what was perhaps meant', (said, meant) => {
    const result = refused(`h100 x1 ${said}`)
    expect(result.problems).toEqual([{ text: said, why: expect.any(String), suggestion: meant }])
    expect(result.example).toBe(`h100 x1 ${meant}`)
  })

  test('a missing GPU', () => {
    expect(refused('4h').problems[0]?.why).toBe('Which GPU?')
    expect(refused('').problems).toHaveLength(2)
  })

  test.each([
    ['h1000 4h', 'h1000', 'h100'],
    ['h100 4h only akahs', 'only akahs', 'only akash'],
    ['h100 4h only akash,nosna', 'only akash,nosna', 'only akash,nosana'],
    ['h100 4h nosana', 'nosana', 'only nosana'],
    ['h100 4h no-spots', 'no-spots', 'no-spot'],
    ['h100 1.5h', '1.5h', '1h30m'],
    ['h100 4 hours', '4 hours', '4h'],
    ['h100 90min', '90min', '1h30m'],
    ['h100 4h 2', '2', 'x2, 2h or max 2'],
    ['h100 4h max 2,50', 'max 2,50', 'max 2.50'],
    ['h100 4h max cheap', 'max cheap', 'max 2.50'],
    ['h100 4h max 0', 'max 0', 'max 2.50'],
    ['h100 4h sort upime', 'sort upime', 'sort uptime'],
    ['h100 4h sort uptime within 200%', 'within 200%', 'within 5%'],
    ['h100 30s', '30s', '1m'],
    ['h100 31d', '31d', '30d'],
    ['h100 4h untrackd', 'untrackd', 'untracked'],
    ['h1oo 4h', 'h1oo', 'h100'],
    ['h100 4h no-sport', 'no-sport', 'no-spot'],
    ['h100 4h nospot', 'nospot', 'no-spot'],
    ['h100 4h spot', 'spot', 'no-spot'],
    ['h100 4h no spot', 'no spot', 'no-spot'],
    ['h100 4h eruope', 'eruope', 'europe'],
    ['h100 4h germny', 'germny', 'germany'],
    ['h100 4h berln', 'berln', 'berlin'],
    ['h100 4h us-est-1', 'us-est-1', 'us-east-1'],
    ['h100 4h in germany', 'in', 'IN'],
    ['h100 4h uptime lots', 'uptime lots', 'uptime 99%'],
    ['h100 4h uptime 0%', 'uptime 0%', 'uptime 99%'],
    ['h100 4h uptime 101%', 'uptime 101%', 'uptime 99%'],
    ['h100 4h uptme 99%', 'uptme', 'uptime'],
    ['h100 4h fresh', 'fresh', undefined],
    ['h100 4h fresh now', 'fresh now', 'fresh 5m'],
    ['h100 4h fresh 2d', 'fresh 2d', 'fresh 5m'],
    ['h100 4h bookabel', 'bookabel', 'bookable'],
  ])('%s → %s, perhaps %s', (text, at, suggestion) => {
    const { problems } = refused(text)
    expect(problems).toContainEqual({ text: at, why: expect.any(String), ...(suggestion && { suggestion }) })
  })

  test.each([
    ['h100 x0 4h', 'x0'],
    ['h100 x65 4h', 'x65'],
    ['h100 a100 4h', 'a100'],
    ['h100 4h 5h', '5h'],
    ['h100 x2 x3 4h', 'x3'],
    ['h100 4h max', 'max'],
    ['h100 4h only', 'only'],
    ['h100 4h only ,', 'only'],
    ['h100 4h vram lots', 'vram lots'],
    ['h100 4h within 5%', 'within'],
    ['h100 4h only akash not akash', 'akash'],
    ['h100 4h image pytorch/pytorch', 'image'],
    ['h100 4h image ../../etc run ls', 'image ../../etc'],
    ['h100 4h run', 'run'],
    ['h100 4h run   ', 'run'],
    ['h100 4h run python "a', 'run'],
    ['h100 4h run a \\', 'run'],
    ['h100 4h run a\0b', 'run'],
    ['h100 4h constructor', 'constructor'],
    ['h100 4h tracked untracked', 'untracked'],
  ])('%s', (text, at) => {
    expect(refused(text).problems.map((problem) => problem.text)).toContain(at)
  })

  test('an unknown provider names the ones there are', () => {
    expect(refused('h100 4h only gcp').problems).toEqual([
      { text: 'only gcp', why: 'Providers are akash, nosana, ionet, aws-spot, render, necto.' },
    ])
  })

  test('a small word is not read as the country whose code it is', () => {
    for (const word of ['in', 'no', 'at', 'to', 'is', 'it', 'me', 'my', 'be', 'do']) {
      expect(refused(`h100 4h ${word} germany`).problems[0]?.why).toMatch(/if \p{Lu}[\w ]+ is meant\.$/u)
      expect(ask(`h100 4h ${word.toUpperCase()}`).ask.regions).toEqual([word])
    }
  })

  test('every problem is named at once', () => {
    expect(refused('h1000 4x4 max nothing only aksh').problems.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['h1000', '4x4', 'max nothing', 'only aksh']),
    )
  })

  test('the example of any refusal is understood', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'h100',
            'x2',
            'eu',
            'max',
            '3',
            'sort',
            'uptime',
            'within',
            '5%',
            'zzz',
            'container',
            'not',
            'akash',
          ),
        ),
        (words) => {
          const result = parse(words.join(' '))
          if (!result.ok) expect(parse(result.example).ok).toBe(true)
        },
      ),
    )
  })

  test('a secret is refused without being repeated', () => {
    const secret = `hf_${'aB3'.repeat(12)}`
    const result = refused(`h100 4h run train --token ${secret}`)
    expect(result.problems[0]?.why).toContain('Hugging Face token')
    expect(JSON.stringify(result)).not.toContain(secret)
  })
})

const gpuWanted = fc
  .constantFrom(...gpuFamilies)
  .chain((family) => fc.constantFrom(...family.sizes).map((size) => ({ family, size })))
  .chain(({ family, size }) =>
    fc.record(
      {
        family: fc.constant(family.family),
        memoryGib: fc.constant(size.gib),
        interface: size.interfaces.length > 0 ? fc.constantFrom(...size.interfaces) : fc.constant(undefined),
      },
      { requiredKeys: ['family'] },
    ),
  )
const someOf = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 })
const constraints = fc.record(
  {
    gpu: gpuWanted,
    gpuCount: fc.integer({ min: 1, max: 64 }),
    maxSeconds: fc.integer({ min: 60, max: 30 * 86_400 }),
    maxUsdPerGpuHour: fc.bigInt({ min: 1n, max: 10n ** 12n }).map(perGpuHour),
    minMemoryGib: fc.integer({ min: 1, max: 300 }),
    minUptimePercent: fc.integer({ min: 1, max: 100_000 }).map((thousandths) => thousandths / 1000),
    maxAgeSeconds: fc.integer({ min: 1, max: 86_400 }),
    bookableOnly: fc.constant(true as const),
    regions: someOf(['eu', 'na', 'us', 'de', 'in', 'no', 'it', 'jp', 'us-east-1', 'eu-central-1']),
    excludeModels: someOf(priceModel.options),
    onlyProviders: someOf(['akash', 'nosana', 'necto']),
    excludeProviders: someOf(['aws-spot', 'render']),
    sort: fc.constantFrom('latency' as const, 'uptime' as const),
    withinBps: fc.integer({ min: 0, max: 10_000 }),
    runtime: fc.constantFrom('container' as const, 'process' as const),
  },
  { requiredKeys: ['gpu', 'gpuCount', 'maxSeconds'] },
)

test('what printAsk prints is read back to the same', () => {
  const workloads = fc.record(
    {
      image: fc.constantFrom('ubuntu', 'ghcr.io/a/b:1.2', 'localhost:5000/x/y', `a/b@sha256:${'ab'.repeat(32)}`),
      command: fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { minLength: 1, maxLength: 5 }),
    },
    { requiredKeys: ['command'] },
  )
  fc.assert(
    fc.property(
      constraints,
      fc.option(workloads, { nil: undefined }),
      fc.option(fc.constantFrom('tracked' as const, 'untracked' as const), { nil: undefined }),
      (drawn, workload, mode) => {
        fc.pre(!workload || (workload.command[0] !== '' && !workload.command.some((part) => part.includes('\0'))))
        const { withinBps, ...rest } = drawn
        const asked = {
          ...rest,
          ...(rest.sort && withinBps !== undefined ? { withinBps } : {}),
          ...(workload ? { runtime: workload.image !== undefined ? 'container' : (rest.runtime ?? 'process') } : {}),
        } as Ask
        fc.pre(!asked.gpu.interface || asked.gpu.memoryGib !== undefined)
        const text = printAsk(asked, { ...(workload && { workload: workload as Workload }), ...(mode && { mode }) })
        expect(parse(text)).toEqual({ ok: true, ask: asked, ...(workload && { workload }), ...(mode && { mode }) })
        expect(askSchema.parse(askSchema.encode(asked))).toEqual(asked)
      },
    ),
  )
})
