/**
 * mocha's spec reporter, and a closing line that programs can read: `N passed, N failed`.
 *
 * A run that dies before any test (a file that does not load) closes with one failure.
 */

const Mocha = require('mocha');

let closed = false;

function close(passed, failed) {
  closed = true;
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
}

process.on('exit', (code) => {
  if (!closed && code !== 0) close(0, 1);
});

module.exports = class extends Mocha.reporters.Spec {
  /** Prints the usual summary, then the counts alone on the last line. */
  epilogue() {
    super.epilogue();
    close(this.stats.passes, this.stats.failures);
  }
};
