/**
 * Code fences of a Markdown file.
 * @module
 */

/** One fence: its language and text, and the text of an output fence that follows it at once. */
export interface Fence {
  readonly language: string;
  readonly text: string;
  /** What the code prints, when a `text` fence comes directly after. */
  readonly output?: string;
}

/** The fences of a document in order. */
export function fencesOf(markdown: string): Fence[] {
  const found = [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1],
    text: match[2],
    from: match.index,
    to: match.index + match[0].length,
  }));
  return found.map(({ language, text, to }, i) => {
    const next = found[i + 1];
    const adjacent = next?.language === 'text' && markdown.slice(to, next.from).trim() === '';
    return { language, text, ...(adjacent ? { output: next.text } : {}) };
  });
}
