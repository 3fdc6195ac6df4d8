import assert from 'node:assert/strict'
import test from 'node:test'
import { Painter } from '../../src/tui/painter.ts'

function painting(rows: number) {
  const written: string[] = []
  const size = { columns: 20, rows }
  return {
    written,
    size,
    painter: new Painter(
      (text) => written.push(text),
      () => size,
    ),
  }
}

test('of the next frame only the lines that changed are written, ten times a second at most', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { painter, written } = painting(2)
  painter.paint('a\nb')
  t.mock.timers.tick(1)
  assert.match(written[0] ?? '', /\[1;1H.*a.*\[2;1H.*b/s)
  painter.paint('a\nc')
  painter.paint('a\nd')
  assert.equal(written.length, 1)
  t.mock.timers.tick(100)
  assert.equal(written.length, 2)
  assert.doesNotMatch(written[1] ?? '', /\[1;1H/)
  assert.match(written[1] ?? '', /\[2;1H.*d/)
})

test('after a resize all of it is written, and no more than there is room for', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { painter, written, size } = painting(3)
  painter.paint('a\nb\nc')
  t.mock.timers.tick(1)
  size.rows = 2
  painter.forget()
  t.mock.timers.tick(100)
  assert.match(written[1] ?? '', /\[1;1H.*a.*\[2;1H.*b/s)
  assert.doesNotMatch(written[1] ?? '', /\[3;1H|\[3J/)
})

test('a closed painter writes nothing more', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { painter, written } = painting(1)
  painter.paint('a')
  t.mock.timers.tick(1)
  painter.paint('b')
  painter.close()
  painter.paint('c')
  t.mock.timers.tick(1000)
  assert.equal(written.length, 1)
})
