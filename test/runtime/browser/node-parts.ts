/** The little that tests use of node:fs, node:crypto, Buffer and process, for pages. */

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** A Buffer as far as tests go. */
export class PageBuffer extends Uint8Array {
  static override from(source: unknown, encoding?: unknown): PageBuffer {
    if (typeof source !== 'string') return new PageBuffer(source as ArrayLike<number>);
    if (encoding === 'hex') {
      return new PageBuffer((source.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
    }
    if (encoding === 'latin1' || encoding === 'base64') {
      const text = encoding === 'base64' ? atob(source) : source;
      return new PageBuffer([...text].map((char) => char.charCodeAt(0)));
    }
    return new PageBuffer(new TextEncoder().encode(source));
  }

  static alloc(bytes: number): PageBuffer {
    return new PageBuffer(bytes);
  }

  static concat(parts: readonly Uint8Array[]): PageBuffer {
    const out = new PageBuffer(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  equals(other: Uint8Array): boolean {
    return this.length === other.length && this.every((byte, i) => byte === other[i]);
  }

  override toString(encoding?: string): string {
    if (encoding === 'hex') return Array.from(this, hex).join('');
    if (encoding === 'utf8' || encoding === undefined) return new TextDecoder().decode(this);
    const text = Array.from(this, (byte) => String.fromCharCode(byte)).join('');
    return encoding === 'base64' ? btoa(text) : text;
  }
}

/** The server of the page has the files; a page may only wait for one in this old way. */
export function readFileSync(url: URL, encoding?: string): string | PageBuffer {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  request.overrideMimeType('text/plain; charset=x-user-defined');
  request.send();
  if (request.status !== 200) throw new Error(`no file ${url.href}`);
  const bytes = PageBuffer.from(
    Array.from(request.responseText, (char) => char.charCodeAt(0) & 255),
  );
  return encoding === undefined ? bytes : bytes.toString(encoding);
}

export function existsSync(url: URL): boolean {
  const request = new XMLHttpRequest();
  request.open('HEAD', url, false);
  request.send();
  return request.status === 200;
}

export function randomFillSync<T extends ArrayBufferView>(view: T): T {
  const bytes = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
  for (let at = 0; at < bytes.length; at += 65536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65536));
  }
  return view;
}

export function randomBytes(bytes: number): PageBuffer {
  return randomFillSync(new PageBuffer(bytes));
}

/** Sets the globals; must run before the tests load. */
export function install(): void {
  const listeners = new Map<unknown, (event: PromiseRejectionEvent) => void>();
  Object.assign(globalThis, {
    Buffer: PageBuffer,
    setImmediate: undefined,
    process: {
      env: {},
      platform: 'browser',
      on(_name: string, listener: (reason: unknown) => void): void {
        const heard = ({ reason }: PromiseRejectionEvent): void => listener(reason);
        listeners.set(listener, heard);
        addEventListener('unhandledrejection', heard);
      },
      off(_name: string, listener: unknown): void {
        const heard = listeners.get(listener);
        if (heard !== undefined) removeEventListener('unhandledrejection', heard);
      },
    },
  });
}
