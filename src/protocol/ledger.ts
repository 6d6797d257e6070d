/**
 * The ledger: what each operation of a program costs, booked when it is called.
 *
 * Calls are synchronous, so a stack of names tells who asked for a step: `mul`, `sigmoid/backward`, `layer1/relu`. Entries are what
 * the steps declare, equal to what the meter counts once everything has run; headers are not in them.
 * @module
 */

/** Costs under one name since the last reset. */
export interface LedgerEntry {
  /** How often the name was entered. */
  readonly calls: number;
  /** Openings that were sent. */
  readonly openings: number;
  /** Payload bytes this party sends to all peers. */
  readonly bytesSent: number;
  /** Bytes the dealer sends to the last party for it. */
  readonly dealtBytes: number;
}

type Entry = { -readonly [K in keyof LedgerEntry]: LedgerEntry[K] };

/** Books costs by the names under which steps are called. */
export class Ledger {
  readonly #stack: string[] = [];
  readonly #entries = new Map<string, Entry>();

  /** Runs `body`, a synchronous function, under a name. */
  under<T>(name: string, body: () => T): T {
    this.#stack.push(name);
    this.#of(this.account).calls++;
    try {
      return body();
    } finally {
      this.#stack.pop();
    }
  }

  /** The name that a step called now is booked under, however late it runs. */
  get account(): string {
    return this.#stack.join('/');
  }

  /** Books an opening. */
  sent(account: string, bytes: number): void {
    const entry = this.#of(account);
    entry.openings++;
    entry.bytesSent += bytes;
  }

  /** Books material. */
  dealt(account: string, bytes: number): void {
    this.#of(account).dealtBytes += bytes;
  }

  /** A copy of all entries, in the order in which the names first appeared; `''` is what was called under no name. */
  entries(): ReadonlyMap<string, LedgerEntry> {
    return new Map([...this.#entries].map(([name, entry]) => [name, { ...entry }]));
  }

  /** Back to zero. */
  reset(): void {
    this.#entries.clear();
  }

  #of(account: string): Entry {
    let entry = this.#entries.get(account);
    if (entry === undefined) {
      entry = { calls: 0, openings: 0, bytesSent: 0, dealtBytes: 0 };
      this.#entries.set(account, entry);
    }
    return entry;
  }
}
