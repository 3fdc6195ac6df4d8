import assert from 'node:assert/strict'
import test from 'node:test'
import { FanOut, type FanOutOptions, type SlowPolicy } from '../../src/io/fan-out.ts'
import type { Outlet } from '../../src/io/outlet.ts'
import { limits } from '../../src/limits.ts'
import { monotonicClock } from './helpers/clock.ts'
import { bodyOf, Recorder, textOf, UNIT_BYTES } from './helpers/recorder.ts'

interface Told {
  readonly fanOut: FanOut
  readonly slow: Outlet[]
  readonly cut: Outlet[]
  /** How much each drop was said to be. */
  readonly dropped: number[]
}

/** A fan-out with queues for bodies of 10 characters, and what it tells. */
function create(policy: SlowPolicy, options: Partial<FanOutOptions> = {}): Told {
  const slow: Outlet[] = []
  const cut: Outlet[] = []
  const dropped: number[] = []
  const fanOut = new FanOut({
    policy,
    cutMs: limits.cutMs,
    queueBytes: 10 * UNIT_BYTES,
    onslow: (outlet) => slow.push(outlet),
    oncut: (outlet) => cut.push(outlet),
    ondrop: (_outlet, count) => dropped.push(count),
    ...options,
  })
  return { fanOut, slow, cut, dropped }
}

/** Whether `room` would let the writer go on now. */
async function hasRoom(fanOut: FanOut): Promise<boolean> {
  return Promise.race([
    fanOut.room().then(() => true),
    new Promise<false>((resolve) => setImmediate(resolve, false)),
  ])
}

test('every target gets every body, in order', () => {
  const { fanOut } = create('wait')
  const targets = [new Recorder(true), new Recorder(true), new Recorder(true)]
  for (const target of targets) fanOut.add(target)
  assert.equal(fanOut.size, 3)
  for (const body of ['a', 'b', 'c']) fanOut.write(bodyOf(body))
  for (const target of targets) assert.deepEqual(target.bodies, ['a', 'b', 'c'])
  fanOut.close()
})

test('at most two writes are under way to one target', () => {
  const { fanOut } = create('wait')
  const target = new Recorder(false)
  fanOut.add(target)
  for (const body of ['a', 'b', 'c', 'd']) fanOut.write(bodyOf(body))
  assert.deepEqual(target.bodies, ['a', 'b'])
  target.finishOne()
  assert.deepEqual(target.bodies, ['a', 'b', 'c'])
  assert.equal(target.underWay, 2)
  fanOut.close()
})

test('wait: there is room until one queue is full, and again when it is not', async () => {
  const { fanOut } = create('wait')
  const stopped = new Recorder(false)
  fanOut.add(stopped)
  fanOut.add(new Recorder(true))
  fanOut.write(bodyOf('123456789'))
  assert.equal(await hasRoom(fanOut), true)
  fanOut.write(bodyOf('0'))
  assert.equal(await hasRoom(fanOut), false)
  const room = fanOut.room()
  stopped.finishOne()
  await room
  fanOut.close()
})

test('wait: a full reader that is deleted holds the writer back no longer', async () => {
  const { fanOut } = create('wait')
  const outlet = fanOut.add(new Recorder(false))
  fanOut.write(bodyOf('x'.repeat(20)))
  assert.equal(await hasRoom(fanOut), false)
  const room = fanOut.room()
  fanOut.delete(outlet)
  await room
  assert.equal(fanOut.size, 0)
  fanOut.close()
})

test('drop: a stopped target holds the source back for a moment once, and never the other targets', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const { fanOut } = create('drop')
  const [stopped, running] = [new Recorder(false), new Recorder(true)]
  const outlet = fanOut.add(stopped)
  fanOut.add(running)
  const bodies = Array.from({ length: 1_000 }, (_, i) => `${i}`.padStart(4, '0'))
  let heldBack = 0
  for (const body of bodies) {
    fanOut.write(bodyOf(body))
    assert.equal(running.bodies.at(-1), body)
    assert.ok(outlet.heldBytes <= 10 * UNIT_BYTES, `${outlet.heldBytes} bytes held`)
    if (await hasRoom(fanOut)) continue
    heldBack += 1
    t.mock.timers.tick(limits.behindMs)
    assert.equal(await hasRoom(fanOut), true)
  }
  assert.equal(heldBack, 1)
  assert.deepEqual(running.bodies, bodies)
  fanOut.close()
})

for (const policy of ['drop', 'cut'] as const) {
  test(`${policy}: a reader that is only behind is waited for, and loses nothing`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
    const { fanOut, dropped, cut } = create(policy)
    const target = new Recorder(false)
    fanOut.add(target)
    const bodies = Array.from({ length: 50 }, (_, i) => `${i}`.padStart(3, '0'))
    for (const body of bodies) {
      fanOut.write(bodyOf(body))
      const room = fanOut.room()
      t.mock.timers.tick(limits.behindMs - 1)
      while (target.underWay > 0 && !(await hasRoom(fanOut))) target.finishOne()
      await room
    }
    target.open()
    assert.deepEqual([target.bodies, dropped, cut], [bodies, [], []])
    fanOut.close()
  })
}

test('cut: a reader that stays behind for too long is given up, and holds the source back no more', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const { fanOut, cut } = create('cut')
  const outlet = fanOut.add(new Recorder(false))
  fanOut.write(bodyOf('12345'))
  const room = fanOut.room()
  t.mock.timers.tick(limits.behindMs - 1)
  assert.deepEqual(cut, [])
  t.mock.timers.tick(1)
  assert.deepEqual(cut, [outlet])
  await room
  fanOut.close()
})

test('drop: a slow reader that caught up is waited for again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const { fanOut } = create('drop')
  const target = new Recorder(false)
  fanOut.add(target)
  for (let time = 0; time < 3; time++) {
    for (const body of ['aaa', 'bbb']) fanOut.write(bodyOf(body))
    assert.equal(await hasRoom(fanOut), false)
    t.mock.timers.tick(limits.behindMs)
    assert.equal(await hasRoom(fanOut), true)
    while (target.underWay > 0) target.finishOne()
  }
  fanOut.close()
})

test('drop: when it was we who were stopped, a reader gets its moment again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const clock = monotonicClock(t)
  const { fanOut } = create('drop')
  fanOut.add(new Recorder(false))
  fanOut.write(bodyOf('12345'))
  const room = fanOut.room()
  clock.forward(60_000)
  t.mock.timers.tick(limits.behindMs)
  assert.equal(await hasRoom(fanOut), false)
  t.mock.timers.tick(limits.behindMs)
  await room
  fanOut.close()
})

test('a closed fan-out holds nobody back', async () => {
  const { fanOut } = create('wait')
  fanOut.add(new Recorder(false))
  fanOut.write(bodyOf('x'.repeat(20)))
  const room = fanOut.room()
  fanOut.close()
  await room
  await fanOut.room()
})

for (const policy of ['drop', 'cut'] as const) {
  test(`${policy}: after the last write, a reader without progress for 30 s is cut off`, (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
    const { fanOut, cut } = create(policy)
    const outlet = fanOut.add(new Recorder(false))
    fanOut.write(bodyOf('a'))
    t.mock.timers.tick(limits.cutMs * 2)
    assert.deepEqual(cut, [])
    fanOut.finish()
    t.mock.timers.tick(limits.cutMs - 1_000)
    assert.deepEqual(cut, [])
    t.mock.timers.tick(1_000)
    assert.deepEqual(cut, [outlet])
    fanOut.close()
  })
}

test('drop: the oldest that wait are forgotten, counted exactly, and told before the next body', () => {
  const { fanOut, dropped } = create('drop')
  const target = new Recorder(false)
  fanOut.add(target)
  for (const body of ['aaa', 'bbb', 'ccc', 'ddd', 'eee']) fanOut.write(bodyOf(body))
  assert.deepEqual(dropped, [])
  assert.deepEqual(target.bodies, ['aaa', 'bbb'])
  target.open()
  assert.deepEqual(dropped, [2])
  assert.deepEqual(target.bodies, ['aaa', 'bbb', 'eee'])
  fanOut.write(bodyOf('fff'))
  assert.deepEqual(dropped, [2])
  fanOut.close()
})

test('drop: what is dropped counts for what the caller says, and is not kept', () => {
  const counted: string[] = []
  const count = (body: Buffer) => {
    counted.push(textOf(body))
    return textOf(body).length
  }
  const { fanOut, dropped } = create('drop', { count })
  const target = new Recorder(false)
  fanOut.add(target)
  for (const body of ['aaa', 'bbb', 'ccc', 'dddd', 'eee']) fanOut.write(bodyOf(body))
  assert.deepEqual(counted, ['ccc', 'dddd'])
  target.open()
  assert.deepEqual(dropped, [7])
  fanOut.close()
})

test('drop: a body larger than the queue is dropped only when it has to wait', () => {
  const { fanOut, dropped } = create('drop')
  const target = new Recorder(false)
  fanOut.add(target)
  const large = 'x'.repeat(11)
  for (const body of [large, large, large, 'a']) fanOut.write(bodyOf(body))
  assert.deepEqual(target.bodies, [large, large])
  target.open()
  fanOut.write(bodyOf('b'))
  assert.deepEqual(dropped, [2])
  assert.deepEqual(target.bodies, [large, large, 'b'])
  fanOut.close()
})

test('cut: a reader whose queue is over its cap is given up, the others go on', () => {
  const { fanOut, cut } = create('cut')
  const [stopped, running] = [new Recorder(false), new Recorder(true)]
  const outlet = fanOut.add(stopped)
  fanOut.add(running)
  fanOut.write(bodyOf('1234567890'))
  assert.deepEqual(cut, [])
  fanOut.write(bodyOf('1'))
  assert.deepEqual(cut, [outlet])
  assert.equal(fanOut.size, 1)
  fanOut.write(bodyOf('2'))
  assert.deepEqual(running.bodies, ['1234567890', '1', '2'])
  assert.deepEqual(stopped.bodies, ['1234567890', '1'])
  fanOut.close()
})

for (const policy of ['wait', 'drop', 'cut'] as const) {
  test(`${policy}: each body is released exactly once, when no reader needs it any more`, () => {
    const { fanOut } = create(policy)
    const [slow, gone, quick] = [new Recorder(false), new Recorder(false), new Recorder(true)]
    fanOut.add(slow)
    const outlet = fanOut.add(gone)
    fanOut.add(quick)
    const released = new Map<string, number>()
    const bodies = ['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee']
    for (const body of bodies) {
      fanOut.write(bodyOf(body), () => released.set(body, (released.get(body) ?? 0) + 1))
    }
    if (policy === 'wait') assert.equal(released.size, 0)
    fanOut.delete(outlet)
    fanOut.delete(outlet)
    slow.open()
    gone.open()
    assert.deepEqual(Object.fromEntries(released), Object.fromEntries(bodies.map((body) => [body, 1])))
    fanOut.close()
  })
}

test('a body for nobody is released at once', () => {
  const { fanOut } = create('wait')
  let released = 0
  fanOut.write(bodyOf('a'), () => {
    released += 1
  })
  assert.equal(released, 1)
})

test('a write that fails counts as done: who owns the target hears of it there', async () => {
  const { fanOut } = create('wait')
  const target = new Recorder(false)
  fanOut.add(target)
  let released = 0
  fanOut.write(bodyOf('a'), () => {
    released += 1
  })
  target.finishOne(new Error('EPIPE'))
  await fanOut.empty()
  assert.equal(released, 1)
  fanOut.close()
})

test('empty resolves when every queue is handed over, or its reader is gone', async () => {
  const { fanOut } = create('wait')
  const [slow, stopped] = [new Recorder(false), new Recorder(false)]
  fanOut.add(slow)
  const outlet = fanOut.add(stopped)
  await fanOut.empty()
  fanOut.write(bodyOf('a'))
  let isEmpty = false
  const empty = fanOut.empty().then(() => {
    isEmpty = true
  })
  slow.open()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isEmpty, false)
  fanOut.delete(outlet)
  await empty
  fanOut.close()
})

test('a reader without progress is named after 5 s, once, and again when it gets stuck again', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { fanOut, slow } = create('wait', { cutMs: Number.POSITIVE_INFINITY })
  const target = new Recorder(false)
  const outlet = fanOut.add(target)
  fanOut.add(new Recorder(true))
  fanOut.write(bodyOf('a'))
  fanOut.write(bodyOf('b'))
  t.mock.timers.tick(limits.slowMs - 1)
  assert.deepEqual(slow, [])
  t.mock.timers.tick(1)
  assert.deepEqual(slow, [outlet])
  t.mock.timers.tick(60_000)
  assert.deepEqual(slow, [outlet])
  target.finishOne()
  t.mock.timers.tick(limits.slowMs)
  assert.deepEqual(slow, [outlet])
  t.mock.timers.tick(1_000)
  assert.deepEqual(slow, [outlet, outlet])
  fanOut.close()
})

test('wait: a reader without progress is cut off after 30 s, and not before', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { fanOut, slow, cut } = create('wait')
  const outlet = fanOut.add(new Recorder(false))
  fanOut.write(bodyOf('a'))
  t.mock.timers.tick(limits.cutMs - 1)
  assert.deepEqual([slow, cut], [[outlet], []])
  t.mock.timers.tick(1)
  assert.deepEqual(cut, [outlet])
  assert.equal(fanOut.size, 0)
  fanOut.close()
})

test('wait: a reader that takes a little now and then is never cut off', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { fanOut, cut } = create('wait')
  const target = new Recorder(false)
  fanOut.add(target)
  for (let i = 0; i < 20; i++) fanOut.write(bodyOf('a'))
  for (let i = 0; i < 18; i++) {
    t.mock.timers.tick(limits.cutMs - 1_000)
    target.finishOne()
  }
  assert.deepEqual(cut, [])
  fanOut.close()
})

test('wait: a reader that takes a little each second is not cut off after one second', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { fanOut, cut } = create('wait', { cutMs: 1_000 })
  const target = new Recorder(false)
  fanOut.add(target)
  for (let i = 0; i < 20; i++) fanOut.write(bodyOf('a'))
  t.mock.timers.tick(999)
  for (let i = 0; i < 18; i++) {
    target.finishOne()
    t.mock.timers.tick(1_000)
  }
  assert.deepEqual(cut, [])
  t.mock.timers.tick(1_000)
  assert.equal(cut.length, 1)
  fanOut.close()
})

for (const policy of ['drop', 'cut'] as const) {
  test(`${policy}: a reader without progress is named, and not cut off by the clock`, (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const { fanOut, slow, cut } = create(policy)
    const outlet = fanOut.add(new Recorder(false))
    fanOut.write(bodyOf('a'))
    t.mock.timers.tick(600_000)
    assert.deepEqual([slow, cut], [[outlet], []])
    fanOut.close()
  })
}

test('an idle reader is never named', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { fanOut, slow } = create('wait')
  fanOut.add(new Recorder(true))
  fanOut.write(bodyOf('a'))
  t.mock.timers.tick(600_000)
  assert.deepEqual(slow, [])
  fanOut.close()
})

test('a closed fan-out leaves no timer', () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const { fanOut } = create('wait')
  fanOut.add(new Recorder(false))
  fanOut.write(bodyOf('a'))
  assert.equal(timers(), before + 1)
  fanOut.close()
  assert.equal(timers(), before)
})
