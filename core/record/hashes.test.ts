// The salted hashes of workloads and people.
import { concat, keccak256, stringToHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { userTag } from './userTag.ts'
import { workloadHash } from './workloadHash.ts'

const salt = `0x${'01'.repeat(32)}` as const
const other = `0x${'02'.repeat(32)}` as const

describe('workloadHash', () => {
  const workload = { image: 'pytorch/pytorch:2.4', command: ['python', 'train.py'] }

  test('is keccak256(salt ‖ canonical JSON)', () => {
    const json = '{"command":["python","train.py"],"image":"pytorch/pytorch:2.4"}'
    expect(workloadHash({ workload, salt })).toBe(keccak256(concat([salt, stringToHex(json)])))
  })

  test('changes with the salt, the image and how the command is cut', () => {
    const { command } = workload
    const hashes = [
      workloadHash({ workload, salt }),
      workloadHash({ workload, salt: other }),
      workloadHash({ workload: { command }, salt }),
      workloadHash({ workload: { ...workload, command: ['python train.py'] }, salt }),
    ]
    expect(new Set(hashes).size).toBe(4)
    expect(workloadHash({ workload: { image: undefined, command }, salt })).toBe(hashes[2])
  })

  test('a short salt is refused', () => {
    expect(() => workloadHash({ workload, salt: '0x01' })).toThrow(TypeError)
  })
})

describe('userTag', () => {
  test('is keccak256(domain ‖ NUL ‖ id ‖ NUL ‖ salt)', () => {
    const bytes = concat([stringToHex('necto/member/1\0telegram:42\0'), salt])
    expect(userTag({ domain: 'member', id: 'telegram:42', salt })).toBe(keccak256(bytes))
  })

  test('separates domain, id and salt', () => {
    const tags = [
      userTag({ domain: 'member', id: 'telegram:42', salt }),
      userTag({ domain: 'team', id: 'telegram:42', salt }),
      userTag({ domain: 'member', id: 'telegram:4', salt }),
      userTag({ domain: 'member', id: 'telegram:42', salt: other }),
    ]
    expect(new Set(tags).size).toBe(4)
    expect(() => userTag({ domain: 'member', id: 'a\0b', salt })).toThrow(TypeError)
    expect(() => userTag({ domain: 'member', id: 'a', salt: '0x' })).toThrow(TypeError)
  })
})
