// Secrets in pasted text: what must be found, and what looks alike and must not.
import { describe, expect, test } from 'vitest'
import { findSecret, secretWarning } from './secretInText.ts'

// Assembled here so that no scanner takes this file for a leak.
const hex64 = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
const phrase12 = 'legal winner thank year wave sausage worth useful legal winner thank yellow'
const phrase24 = `${phrase12} ${phrase12}`
const aws40 = ['wJalrXUtnFEMI', 'K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join('/')
const letters = (length: number) => 'aB3dE5fG7hJ9kLmN2pQrS4tUvW6xYz'.repeat(4).slice(0, length)

describe('found', () => {
  test.each([
    ['a bare private key', hex64, 'private key'],
    ['with 0x', `0x${hex64}`, 'private key'],
    ['upper case', hex64.toUpperCase(), 'private key'],
    ['as an argument', `run node pay.js --key 0x${hex64} --fast`, 'private key'],
    ['in an assignment', `PRIVATE_KEY=0x${hex64}`, 'private key'],
    ['in quotes', `run x "${hex64}"`, 'private key'],
    ['12 words', phrase12, 'recovery phrase'],
    ['24 words', `my words: ${phrase24} thanks`, 'recovery phrase'],
    [
      'a numbered phrase',
      phrase12
        .split(' ')
        .map((word, i) => `${i + 1}. ${word}`)
        .join('\n'),
      'recovery phrase',
    ],
    ['a phrase with commas', phrase12.replaceAll(' ', ', '), 'recovery phrase'],
    ['a phrase in capitals', phrase12.toUpperCase(), 'recovery phrase'],
    ['an AWS key id', `run aws s3 ls AKIA${'IOSFODNN7EXAMPLE'}`, 'AWS key'],
    ['a temporary AWS key id', `ASIA${'IOSFODNN7EXAMPLE'}`, 'AWS key'],
    ['an AWS secret', `aws ${aws40}`, 'AWS key'],
    ['an AWS secret, assigned', `X=${aws40}`, 'AWS key'],
    ['a Hugging Face token', `hf_${letters(34)}`, 'Hugging Face token'],
    ['a Hugging Face token, assigned', `HF_TOKEN=hf_${letters(34)}`, 'Hugging Face token'],
    ['an sk- key', `sk-${letters(48)}`, 'API key'],
    ['an sk-proj- key', `sk-proj-${letters(48)}`, 'API key'],
    ['a Google key', `AIza${letters(35)}`, 'API key'],
    ['a GitHub token', `git clone https://ghp_${letters(36)}@github.com/a/b`, 'GitHub token'],
    ['a fine-grained GitHub token', `github_pat_${letters(40)}`, 'GitHub token'],
    ['a Telegram bot token', `123456789:${letters(35)}`, 'Telegram bot token'],
    [
      'a Telegram bot token in a URL',
      `https://api.telegram.org/bot/123456789:${letters(35)}/getMe`,
      'Telegram bot token',
    ],
    ['a Discord bot token', `M${letters(25)}.${letters(6)}.${letters(38)}`, 'Discord bot token'],
    ['a Slack token', `xoxb-${letters(24)}`, 'Slack token'],
    ['a PEM block', '-----BEGIN RSA PRIVATE KEY-----\nMIIE', 'PEM private key'],
    ['an OpenSSH key', '-----BEGIN OPENSSH PRIVATE KEY-----', 'PEM private key'],
    ['a password', 'run psql password=hunter2', 'password'],
    ['a password in a variable', 'run env DB_PASSWORD=hunter2 ./go', 'password'],
    ['a password in quotes', 'password = "correct horse"', 'password'],
    ['a token', 'run curl x?token=9f8e7d6c5b4a', 'password'],
    ['an API key', 'WANDB_API_KEY=0123456789abcdef0123', 'password'],
    ['a password option', 'run mysql --password hunter2', 'password'],
  ])('%s', (_, text, kind) => {
    const found = findSecret(text)
    expect(found?.kind).toBe(kind)
    expect(found && found.end > found.start && found.end <= text.length).toBe(true)
  })
})

describe('not taken for secrets', () => {
  test.each([
    ['an ordinary ask', 'h100 x2 4h max 2.50 eu no-spot only akash,nosana run python train.py --epochs 3'],
    ['an image digest', `image pytorch/pytorch@sha256:${hex64} run python train.py`],
    ['a checksum argument', `run fetch --sha256 ${hex64}`],
    ['a checksum assignment', `run fetch checksum=${hex64}`],
    ['a transaction', `run trace tx 0x${hex64}`],
    ['a transaction link', `https://basescan.org/tx/0x${hex64}`],
    ['a storage root', `verify 0x${hex64}`],
    ['a root option', `--root=0x${hex64}`],
    ['an address', `0x${hex64.slice(0, 40)}`],
    ['a git commit', `git checkout ${hex64.slice(0, 40)}`],
    ['a SHA-512', hex64 + hex64],
    ['the zero hash', `0x${'0'.repeat(64)}`],
    [
      'prose made of common words',
      'please train the model on two cards and stop when the loss is below one point five or the budget ends',
    ],
    ['eleven words of the list', phrase12.split(' ').slice(0, 11).join(' ')],
    ['a long path', '/home/worker/datasets/imagenet/train/class0001/picture42'],
    ['a path of forty characters', 'Data/Models/LlamaSeven/Checkpoints/Run01'],
    ['a token count', 'run generate --max_new_tokens=256 --max_token=4096'],
    ['a special token', 'run tok --pad_token=<pad> --eos_token=endoftext'],
    ['a tokenizer', 'run train --tokenizer=meta-llama/Llama-3.1-8B'],
    ['a variable', 'run login --token=$HF_TOKEN --password $DB_PASSWORD'],
    ['a placeholder', 'password=<yours> token=YOUR_TOKEN_HERE secret=xxxxxxxx'],
    ['a UUID', '123e4567-e89b-12d3-a456-426614174000'],
    ['a time', '12:30:45 at 10.0.0.1:8080'],
    ['words with sk-', 'run pip install sk-learn-contrib-extra-utilities'],
    ['a public certificate', '-----BEGIN CERTIFICATE-----'],
    ['a public key', '-----BEGIN PUBLIC KEY-----'],
    ['a ref', 'K7QF-3M2P'],
  ])('%s', (_, text) => {
    expect(findSecret(text)).toBeUndefined()
  })
})

test('the span is exactly the secret, and the warning does not hold it', () => {
  const text = `h100 4h run pay 0x${hex64} now`
  const found = findSecret(text)
  expect(found && text.slice(found.start, found.end)).toBe(`0x${hex64}`)
  expect(secretWarning('private key')).not.toContain(hex64.slice(0, 8))
  const inPhrase = `x ${phrase24} qqq`
  const phrase = findSecret(inPhrase)
  expect(phrase && inPhrase.slice(phrase.start, phrase.end)).toBe(phrase24)
})
