import assert from 'node:assert/strict';
import {
  bytes,
  indent,
  seconds,
  sideBySide,
  table,
  Terminal,
  wantsColour,
} from '../../src/cli/terminal.ts';

/** A stream that remembers. */
class Memory {
  readonly isTTY: boolean;
  readonly columns = 40;
  text = '';
  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }
  write(text: string): void {
    this.text += text;
  }
}

const plain = (_: unknown, text: string): string => text;

describe('cli: terminal', () => {
  it('wantsColour() follows NO_COLOR, FORCE_COLOR and whether it is a terminal', () => {
    const tty = new Memory(true);
    assert.equal(wantsColour(tty, {}), true);
    assert.equal(wantsColour(new Memory(false), {}), false);
    assert.equal(wantsColour(tty, { NO_COLOR: '1' }), false);
    assert.equal(wantsColour(tty, { TERM: 'dumb' }), false);
    assert.equal(wantsColour(new Memory(false), { FORCE_COLOR: '1' }), true);
  });

  it('progress() overwrites itself on a terminal and never breaks a line', () => {
    const err = new Memory(true);
    const terminal = new Terminal(new Memory(false), err);
    terminal.progress('x'.repeat(200), 0.5);
    assert.ok(err.text.startsWith('\r\u001b[2K'));
    assert.ok(!err.text.includes('\n'));
    assert.ok(err.text.replace(/\u001b\[\d*[A-Za-z]|\r/g, '').length < err.columns);
    terminal.note('done');
    assert.ok(err.text.endsWith('\r\u001b[2Kdone\n'));
  });

  it('progress() in a pipe is a plain line now and then; milestones always show', () => {
    const err = new Memory(false);
    const terminal = new Terminal(new Memory(false), err);
    for (let i = 0; i < 10; i++) terminal.progress(`step ${i}`, i / 10);
    terminal.milestone('  trained');
    assert.equal(err.text, 'step 0\n  trained\n');
  });

  it('table() and sideBySide() align', () => {
    const text = table(
      ['name', 'n'],
      [
        ['a', '10'],
        ['long name', '7'],
      ],
      plain,
    );
    assert.equal(text, 'name        n\n─────────────\na          10\nlong name   7');
    assert.equal(sideBySide(['a\nbb', 'c'], 2), 'a   c\nbb');
    assert.equal(indent('a\n\nb'), '  a\n\n  b');
  });

  it('numbers for people', () => {
    assert.deepEqual([999, 1500, 12_300_000].map(bytes), ['999 B', '1.5 kB', '12.3 MB']);
    assert.deepEqual([0.42, 12.3, 200].map(seconds), ['0.4 s', '12 s', '3 min 20 s']);
  });
});
