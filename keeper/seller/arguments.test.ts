// The command line: what it takes, and what it says to the rest.
import { describe, expect, test } from 'vitest'
import { readArguments } from './arguments.ts'

const read = (line: string, env = {}) => readArguments(line.split(' ').filter(Boolean), env)

describe('./necto seller', () => {
  test('takes options over variables over defaults', () => {
    expect(read('run --unsafe-process --api https://necto.example/')).toEqual({
      verb: 'run',
      url: 'https://necto.example',
      keyFile: 'data/local/runner.key',
      stateFolder: undefined,
      chainId: undefined,
      heartbeatMs: 5000,
      driver: 'process',
    })
    const env = { NECTO_SELLER_API: 'http://127.0.0.1:8090', NECTO_RUNNER_KEY_FILE: 'a.key' }
    expect(read('run --driver podman --chain 8453 --heartbeat 0.5 --key b.key', env)).toMatchObject({
      url: 'http://127.0.0.1:8090',
      keyFile: 'b.key',
      chainId: 8453,
      heartbeatMs: 500,
      driver: 'podman',
    })
    expect(read('key', env)).toEqual({ verb: 'key', keyFile: 'a.key' })
    expect(read('')).toEqual({ verb: 'help' })
    expect(read('run --help')).toEqual({ verb: 'help' })
  })

  test.each([
    ['run --unsafe-process', 'Where is Necto'],
    ['run --api http://x', 'Choose one'],
    ['run --api http://x --driver docker --unsafe-process', 'Choose one'],
    ['run --api http://x --driver lxc', '--driver is docker or podman'],
    ['run --api ftp://x --unsafe-process', '--api is not an address'],
    ['run --api http://x/path --unsafe-process', '--api is not an address'],
    ['run --api http://x --unsafe-process --chain base', '--chain is not a chain id'],
    ['run --api http://x --unsafe-process --heartbeat 0', '--heartbeat is too often'],
    ['run --api http://x --unsafe-process --heartbeat soon', '--heartbeat'],
    ['serve', 'There is no "serve"'],
    ['key more', 'I do not know what "more" means'],
    ['run --frobnicate', 'frobnicate'],
  ])('%s: %s', (line, says) => {
    expect(() => read(line)).toThrow(says)
  })
})
