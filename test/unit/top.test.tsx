import assert from 'node:assert/strict'
import test from 'node:test'
import { render } from 'ink-testing-library'
import { cells } from '../../src/tui/cells.ts'
import type { Size } from '../../src/tui/painter.ts'
import { Store } from '../../src/tui/store.ts'
import { setColours } from '../../src/tui/theme.ts'
import { Top } from '../../src/tui/top.tsx'
import type { Row } from '../../src/verbs/watched.ts'
import { row } from './helpers/rows.ts'
import { until } from './helpers/wait.ts'

const KEYS = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  enter: '\r',
  escape: '\u001b',
}

setColours(0)

/** The screen of a `top` that sees `rows`. */
function screen(
  t: test.TestContext,
  rows: Row[],
  { topic = 'room', size = { columns: 80, rows: 24 } }: { topic?: string | undefined; size?: Size } = {},
  isAll = false,
) {
  const done: string[] = []
  const monitor = {
    onchange: undefined,
    rows: () => [...rows],
    say: (key: string, text: string) => done.push(`say ${nameOf(key)} ${text}`) > 0,
    cut: (key: string) => done.push(`cut ${nameOf(key)}`) > 0,
  }
  const nameOf = (key: string) => rows.find((one) => one.key === key)?.info.name
  const store = new Store(monitor)
  store.ready()
  const app = render(
    <Top
      store={store}
      topic={isAll ? undefined : topic}
      size={size}
      onsuspend={() => done.push('suspend')}
    />,
  )
  t.after(() => {
    app.unmount()
    store.close()
  })
  return {
    done,
    store,
    lines: () => (app.lastFrame() ?? '').split('\n'),
    /** Each key has been taken when the screen, or what was done, has changed. */
    press: async (...keys: string[]) => {
      await until(() => app.stdin.listenerCount('readable') > 0, 'keys are read')
      for (const key of keys) {
        const before = app.lastFrame()
        const count = done.length
        app.stdin.write(key)
        await until(
          () => app.lastFrame() !== before || done.length > count,
          `${JSON.stringify(key)} is taken`,
        )
      }
    },
    text: () => app.lastFrame() ?? '',
  }
}

const busy = () => [
  row({ name: 'alice', bytesIn: 5000, bytesOut: 10, rate: 100, rates: [1, 100], queueBytes: 0, dropped: 0 }),
  row({
    name: 'bob',
    bytesIn: 10,
    bytesOut: 5000,
    rate: 300,
    rates: [1, 300],
    queueBytes: 70_000,
    dropped: 4,
  }),
  row({ name: 'carol', verb: 'recv' }),
]

for (const size of [
  { columns: 80, rows: 24 },
  { columns: 40, rows: 10 },
  { columns: 100, rows: 60 },
  { columns: 12, rows: 4 },
]) {
  test(`a frame fills ${size.columns}x${size.rows} and no more, whatever is open`, async (t) => {
    const { lines, press } = screen(t, busy(), { size })
    const fits = () => {
      assert.equal(lines().length, size.rows)
      for (const line of lines()) assert.ok(cells(line) <= size.columns, line)
    }
    fits()
    for (const key of [KEYS.enter, KEYS.escape, '?', KEYS.escape, '/', KEYS.escape, 'm', KEYS.escape, 'k']) {
      await press(key)
      fits()
    }
  })
}

test('peers stand under the head with their figures, the marker on the first', (t) => {
  const { lines } = screen(t, busy())
  assert.match(lines()[0] ?? '', /^room · 3 peers /)
  assert.match(lines()[1] ?? '', /^ {2}NAME▲ +ID +VERB +IN +OUT +RATE +QUEUE$/)
  assert.match(lines()[2] ?? '', /^▸ alice .* join +4\.9K +10 +100\/s .* 0$/)
  assert.match(lines()[3] ?? '', /^ {2}bob .* join +10 +4\.9K +300\/s .* 68K$/)
  assert.match(lines()[4] ?? '', /^ {2}carol .* recv +- +- +- +-$/)
  assert.match(lines().at(-2) ?? '', /in 4\.9K · out 4\.9K · 400\/s · queue 68K · dropped 4/)
  assert.match(lines().at(-1) ?? '', /\? help {3}q quit {3}Enter details/)
})

test('another column sorts, the other way round too', async (t) => {
  const { lines, press } = screen(t, busy())
  const names = () =>
    lines()
      .slice(2, 5)
      .map((line) => line.slice(2).split(' ')[0])
  await press('r')
  assert.deepEqual(names(), ['carol', 'bob', 'alice'])
  await press('r', KEYS.left, KEYS.left, KEYS.left)
  assert.deepEqual(names(), ['bob', 'alice', 'carol'])
})

test('a filter keeps what contains it, until Esc', async (t) => {
  const { lines, press, text } = screen(t, busy())
  await press('/', 'B', 'o')
  assert.match(lines()[2] ?? '', /bob/)
  assert.doesNotMatch(text(), /alice/)
  assert.match(lines().at(-1) ?? '', /filter: Bo/)
  await press(KEYS.enter)
  assert.match(lines()[0] ?? '', /only “Bo”/)
  await press(KEYS.escape)
  assert.match(text(), /alice/)
})

test('a topic opens into its peers, and Esc goes back', async (t) => {
  const rows = [...busy(), row({ name: 'dave', topic: 'annex' })]
  const { lines, press } = screen(t, rows, {}, true)
  assert.match(lines()[0] ?? '', /^all topics · 4 peers/)
  assert.match(lines()[2] ?? '', /^▸ annex +1 /)
  assert.match(lines()[3] ?? '', /^ {2}room +3 /)
  await press(KEYS.down, KEYS.enter)
  assert.match(lines()[0] ?? '', /^room · 3 peers/)
  await press(KEYS.escape)
  assert.match(lines()[3] ?? '', /^▸ room/)
})

test('Enter shows all of a peer', async (t) => {
  const { text, press } = screen(t, busy())
  await press(KEYS.down, KEYS.enter)
  assert.match(text(), /id {8}626f62/)
  assert.match(text(), /does {6}join, process 1234, local/)
  assert.match(text(), /waiting {3}68K bytes; 4 lines dropped/)
})

test('m says a line to the peer that is marked, and to no other', async (t) => {
  const { done, press, text } = screen(t, busy())
  await press(KEYS.down, 'm', 'hellx', '\u007f', 'o you', KEYS.enter)
  assert.deepEqual(done, ['say bob hello you'])
  await until(() => text().includes('said to bob'), 'it says so')
})

test('k asks first, and only y cuts', async (t) => {
  const { done, press, text } = screen(t, busy())
  await press('k')
  assert.match(text(), /cut alice off\? It will leave\. y\/N/)
  await press('n', 'k', KEYS.enter, 'k', KEYS.escape, 'ky')
  assert.deepEqual(done, [])
  await press('y')
  assert.deepEqual(done, ['cut alice'])
})

test('what is pasted into a prompt is text, not keys', async (t) => {
  const { done, press } = screen(t, busy())
  await press('m', 'one\nky\rq', KEYS.enter)
  assert.deepEqual(done, ['say alice one ky q'])
  await press('mtwo\rky')
  assert.deepEqual(done, ['say alice one ky q'])
  await press(KEYS.escape, 'mthree\r')
  assert.deepEqual(done.slice(1), ['say alice three'])
})

test('p holds the figures still', async (t) => {
  const rows = busy()
  const { text, press, store } = screen(t, rows)
  await press('p')
  rows.push(row({ name: 'dave' }))
  store.refresh()
  await press(KEYS.down)
  assert.match(text(), /paused/)
  assert.doesNotMatch(text(), /dave/)
  await press('p')
  assert.match(text(), /dave/)
})

test('Ctrl-Z is given on', async (t) => {
  const { done, press } = screen(t, busy())
  await press('\u001a')
  assert.deepEqual(done, ['suspend'])
})

test('names and topics of strangers move nothing on the screen', (t) => {
  const evil = '\u001b[2J\u001b]52;c;AA\u0007\u202e\r'
  const { text, lines } = screen(t, [row({ name: `${evil}x`, verb: evil })], { topic: evil })
  assert.equal(lines().length, 24)
  assert.doesNotMatch(text(), /[\u0007\r\u202e]|\u001b[\][]/)
})
