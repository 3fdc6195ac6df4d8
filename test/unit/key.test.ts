/** Topic keys: their text, the typos that are found, and what is derived from them. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { SwarmError } from '../../src/errors.ts'
import { newWords, parseKey, TopicKey } from '../../src/key.ts'
import { holdsKey } from '../../src/key-prefix.ts'
import { toTopic } from '../../src/topic.ts'

const key = new TopicKey(Buffer.alloc(32, 7))
const text = key.toText()
const topic = toTopic('backup')
const DIGITS = 'ybndrfg8ejkmcpqxot1uwisza345h769'

function saying(pattern: RegExp) {
  return (error: unknown) =>
    error instanceof SwarmError && error.code === 'KEY_INVALID' && pattern.test(error.message)
}

/** `text` with another digit at `at`. */
function mistyped(at: number, by = 1): string {
  const digit = DIGITS[(DIGITS.indexOf(text[at] ?? '') + by) % 32]
  return text.slice(0, at) + digit + text.slice(at + 1)
}

test('every key has one text of 64 characters, and is read back from it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (bytes) => {
      const made = new TopicKey(bytes)
      assert.match(made.toText(), /^lskey1[ybndrfg8ejkmcpqxot1uwisza345h769]{58}$/)
      assert.deepEqual((await parseKey(made.toText())).auth(), made.auth())
    }),
    { numRuns: 100 },
  )
})

test('the checksum is that of bech32m', () => {
  // Computed apart, from the reference code of BIP 350.
  assert.equal(
    new TopicKey(Buffer.alloc(32)).toText(),
    'lskey1yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyp1rw37',
  )
})

test('a key is read in capitals and with white space around it', async () => {
  assert.deepEqual((await parseKey(` ${text.toUpperCase()}\n`)).auth(), key.auth())
})

test('one wrong digit is named by its place, wherever it is', async () => {
  for (let at = 6; at < text.length; at++) {
    for (const by of [1, 13, 31])
      await assert.rejects(parseKey(mistyped(at, by)), saying(new RegExp(`: character ${at + 1} is wrong$`)))
  }
})

test('two digits that changed places are named', async () => {
  let tried = 0
  const random = TopicKey.random().toText()
  for (let at = 6; at + 1 < random.length; at++) {
    if (random[at] === random[at + 1]) continue
    const swapped = `${random.slice(0, at)}${random[at + 1]}${random[at]}${random.slice(at + 2)}`
    await assert.rejects(
      parseKey(swapped),
      saying(new RegExp(`characters ${at + 1} and ${at + 2} have changed places`)),
    )
    tried += 1
  }
  assert.ok(tried > 20)
})

test('up to four wrong digits are always noticed', async () => {
  const places = fc.uniqueArray(fc.integer({ min: 6, max: 63 }), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(places, fc.integer({ min: 1, max: 31 }), async (ats, by) => {
      const letters = [...text]
      for (const at of ats) letters[at] = DIGITS[(DIGITS.indexOf(letters[at] ?? '') + by) % 32] ?? ''
      await assert.rejects(parseKey(letters.join('')), saying(/mistyped/))
    }),
  )
})

test('a character that is in no key, too few and too many are named', async () => {
  await assert.rejects(
    parseKey(`${text.slice(0, 20)}0${text.slice(21)}`),
    saying(/character 21 is in no key/),
  )
  await assert.rejects(parseKey(text.slice(0, -1)), saying(/1 character too few/))
  await assert.rejects(parseKey(`${text}yy`), saying(/2 characters too many/))
  await assert.rejects(parseKey(''), saying(/empty/))
  await assert.rejects(parseKey('backup'), saying(/begins with lskey1/))
})

test('no message shows a part of the key', async () => {
  for (let at = 6; at < text.length; at++) {
    const given = mistyped(at)
    const shown = await parseKey(given).catch((error: Error) => error.message)
    assert.equal(typeof shown, 'string')
    for (let from = 6; from + 6 <= given.length; from++)
      assert.ok(!String(shown).includes(given.slice(from, from + 6)))
  }
})

test('words make a key of 100 bits, and the same key each time', async () => {
  const words = await newWords()
  assert.equal(words.split(' ').length, 10)
  assert.deepEqual((await parseKey(words)).auth(), (await parseKey(`\n${words.toUpperCase()}  `)).auth())
  assert.notEqual(await newWords(), words)
})

test('a mistyped word is named by its place, a wrong one is noticed', async () => {
  const words = (await newWords()).split(' ')
  await assert.rejects(parseKey(words.with(2, 'zzzz').join(' ')), saying(/word 3 is not in the list/))
  await assert.rejects(parseKey(words.slice(1).join(' ')), saying(/10 words, not 9/))
  const noticed = await Promise.all(
    ['abandon', 'ability', 'able', 'about', 'above', 'zoo'].map((other) =>
      parseKey(words.with(4, other).join(' ')).then(
        () => words[4] === other,
        () => true,
      ),
    ),
  )
  // Each is overlooked in one of 1024 cases.
  assert.ok(noticed.filter(Boolean).length >= 5)
})

test('what is derived differs by use, by topic and by key', () => {
  const other = new TopicKey(Buffer.alloc(32, 8))
  const all = [key, other].flatMap((one) => [
    one.auth(),
    ...[topic, toTopic('other')].flatMap((name) => [one.discovery(name), one.topicId(name)]),
  ])
  assert.equal(new Set(all.map(String)).size, all.length)
  assert.ok(all.every((bytes) => bytes.length === 32 && !bytes.equals(topic.key)))
})

test('what is derived is the same in every version', () => {
  assert.deepEqual(
    [key.discovery(topic), key.topicId(topic), key.auth()].map((one) => one.toString('hex')),
    [
      'a7cae5476e78d17164e9c02e8188dc86e765ad5e696dee9beedbf3ca37c68f9b',
      '5b7c5fc1adbab0ff7fb269136fa7944a11f02ac8e276a2025eba6c0420e1e280',
      '4f86a5c28c02d0c51546ae6e2b201c2d072320aedb12aec8e3327a8095b28bdb',
    ],
  )
})

test('a key is known when it is seen among other text', () => {
  assert.ok(holdsKey(`--key=${text}`))
  assert.ok(holdsKey(text.toUpperCase()))
  assert.ok(!holdsKey('lskey1'))
  assert.ok(!holdsKey('backup'))
})
