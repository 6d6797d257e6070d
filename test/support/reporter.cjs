/**
 * mocha's spec reporter, and a closing line that programs can read: `N passed, N failed`.
 *
 * A run that ends before its summary, whatever its code, closes with one failure and code 1.
 */

const Mocha = require('mocha');

// mocha prints what differs as JSON, which knows no big integers: without this a failing comparison of words ends the run.
BigInt.prototype.toJSON = function () {
  return `${this}n`;
};

let closed = false;

function close(passed, failed) {
  closed = true;
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
}

process.on('exit', () => {
  if (closed) return;
  close(0, 1);
  process.exitCode = 1;
});

module.exports = class extends Mocha.reporters.Spec {
  /** Prints the usual summary, then the counts alone on the last line. */
  epilogue() {
    super.epilogue();
    close(this.stats.passes, this.stats.failures);
  }
};
