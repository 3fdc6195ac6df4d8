import assert from 'node:assert/strict'
import test from 'node:test'
import { render } from 'ink-testing-library'
import type { PeerInfo } from '../../src/swarm/peer.ts'
import { type ChatOptions, ChatRoom, type ChatView } from '../../src/tui/chat-room.ts'
import { Chat } from '../../src/tui/chat-view.tsx'
import type { Key } from '../../src/tui/terminal.ts'
import { setColours } from '../../src/tui/theme.ts'

setColours(0)

const view: ChatView = { status: 'room · 2 peers', input: '> hello', cursor: 7 }

function peer(name: string, id = Buffer.from(name).toString('hex').padEnd(32, '0')): PeerInfo {
  return {
    id,
    name,
    topic: Buffer.alloc(32),
    topicName: 'room',
    client: true,
    transport: 'memory',
    verb: 'join',
    reads: ['lines'],
    writes: ['lines'],
    address: undefined,
    pid: undefined,
  }
}

/** A room whose frames are kept, and what is typed into it. */
function chat(options: Partial<ChatOptions> = {}, slow: readonly string[] = []) {
  let rows = ''
  let below: ChatView | undefined
  let drawn = () => {}
  const facts = { topic: 'room', name: 'alice', id: 'a'.repeat(32), slow: () => slow }
  const room = new ChatRoom(facts, {
    hasTimes: false,
    bell: false,
    time: () => '12:34',
    columns: () => 80,
    rows: () => 24,
    draw: (text, shown) => {
      rows += text.replaceAll(/\x1b\[\?7[lh]/g, '')
      below = shown
      drawn()
    },
    ...options,
  })
  const key = (name: string, mark: Partial<Key> = {}) =>
    room.press({ name, ctrl: false, meta: false, ...mark })
  return {
    room,
    key,
    type: (text: string) => {
      for (const char of text) key(char, { text: char })
    },
    frame: async () => {
      await new Promise<void>((resolve) => {
        drawn = resolve
        room.redraw()
      })
      return { rows, below }
    },
  }
}

test('a status line stands above the input line', () => {
  const { lastFrame, rerender, unmount } = render(<Chat view={view} />)
  assert.equal(lastFrame(), 'room · 2 peers\n> hello')
  rerender(<Chat view={{ ...view, input: '> hello 日本語' }} />)
  assert.equal(lastFrame(), 'room · 2 peers\n> hello 日本語')
  unmount()
})

test('without a status there is the input line alone', () => {
  const { lastFrame, unmount } = render(<Chat view={{ ...view, status: '' }} />)
  assert.equal(lastFrame(), '> hello')
  unmount()
})

test('what is wider than the window is cut, not broken', () => {
  const { lastFrame, unmount } = render(<Chat view={{ ...view, status: 'x'.repeat(300) }} />)
  assert.equal(lastFrame()?.split('\n').length, 2)
  unmount()
})

test('what is typed is said, and shown once', async () => {
  const { room, type, key, frame } = chat()
  room.event('join', peer('bob'), '')
  type('hi bob')
  key('return')
  assert.deepEqual(await room.next(), { text: 'hi bob' })
  const { rows, below } = await frame()
  assert.equal(rows, '-- bob joined\nalice: hi bob\n')
  assert.match(`${below?.status}`, /^room · 1 peer/)
  assert.deepEqual([below?.input, below?.cursor], ['> ', 2])
  room.close()
})

test('/to reaches one peer, by name or id', async () => {
  const { room, type, key, frame } = chat()
  const bob = peer('bob')
  room.event('join', bob, '')
  room.event('join', peer('carol'), '')
  type('/to BOB psst')
  key('return')
  assert.deepEqual(await room.next(), { text: 'psst', to: bob.id })
  type(`/to ${bob.id.slice(0, 4)} again`)
  key('return')
  assert.deepEqual(await room.next(), { text: 'again', to: bob.id })
  type('/to dave hello')
  key('return')
  assert.match((await frame()).rows, /alice → bob: psst\nalice → bob: again\n-- dave is not here\n$/)
  room.close()
})

test('a second bob is not taken for the first', async () => {
  const { room, type, key, frame } = chat()
  const second = peer('bob', 'f'.repeat(32))
  room.event('join', peer('bob'), '')
  room.event('join', second, '')
  room.said(second, Buffer.from('it is me\n'), 10)
  type('/to bob~ffffffff no')
  key('return')
  assert.deepEqual(await room.next(), { text: 'no', to: second.id })
  assert.match((await frame()).rows, /-- bob and bob~ffffffff joined\nbob~ffffffff: it is me\n/)
  room.close()
})

test('a paste of many lines is inserted, and said when Enter is pressed, a line each and none a command', async () => {
  const { room, key, frame } = chat()
  room.paste('one\n/quit\nthree\n')
  assert.equal((await frame()).below?.input, '> one↵/quit↵three↵')
  key('return')
  const said = [await room.next(), await room.next(), await room.next()]
  assert.deepEqual(
    said.map((one) => one?.text),
    ['one', '/quit', 'three'],
  )
  room.close()
})

test('Ctrl-D leaves where the line is empty, and what was typed before is still said', async () => {
  const { room, type, key } = chat()
  type('bye')
  key('d', { ctrl: true })
  key('return')
  key('d', { ctrl: true })
  await room.ended
  assert.deepEqual(await room.next(), { text: 'bye' })
  assert.equal(await room.next(), undefined)
  room.close()
})

test('lines since the last key are counted, and who is slow is named', async () => {
  const bob = peer('bob')
  const { room, key, frame } = chat({}, [bob.id])
  room.event('join', bob, '')
  room.said(bob, Buffer.from('1\n2\n3\n'), 10)
  // A rate stands there or not, as a second has passed or not.
  assert.match(`${(await frame()).below?.status}`, /^room · 1 peer · (.* a second · )?3 new · slow: bob$/)
  key('left')
  assert.match(`${(await frame()).below?.status}`, /^room · 1 peer · (.* a second · )?slow: bob$/)
  room.close()
})

test('a topic or a notice cannot write to the terminal', async () => {
  const { room, frame } = chat()
  room.notice('\x1b[2J\nbob: forged')
  assert.equal((await frame()).rows, '-- \\x1b[2J\\x0abob: forged\n')
  room.close()
})

test('in a window of two rows there is no status', async () => {
  const { room, frame } = chat({ rows: () => 2 })
  assert.equal((await frame()).below?.status, '')
  room.close()
})

test('/help tells every command, and /time turns times on', async () => {
  const { room, type, key, frame } = chat()
  type('/help')
  key('return')
  type('/time')
  key('return')
  room.said(peer('bob'), Buffer.from('x\n'), 10)
  const { rows } = await frame()
  for (const command of ['/to', '/me', '/who', '/time', '/help', '/quit', '//'])
    assert.ok(rows.includes(`-- ${command}`))
  assert.match(rows, /12:34 .*bob.*: x\n$/)
  room.close()
})

test('a thousand frames are drawn at most ten times a second', async () => {
  let draws = 0
  const began = performance.now()
  const { room } = chat({ draw: () => (draws += 1) })
  while (performance.now() < began + 350 || draws === 0) {
    room.notice('x')
    await new Promise((resolve) => setImmediate(resolve))
  }
  const seconds = (performance.now() - began) / 1_000
  assert.ok(draws >= 1 && draws <= Math.ceil(seconds * 10) + 1, `${draws} in ${seconds} s`)
  room.close()
})
