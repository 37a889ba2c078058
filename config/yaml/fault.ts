/** What keeps a text from being read, and where; line and column count from 1. */
export class YamlFault extends Error {
  readonly line: number;
  readonly column: number;

  constructor(text: string, offset: number, message: string, pads?: ReadonlyMap<number, number>) {
    super(message);
    this.name = "YamlFault";
    let begin = 0;
    let line = 1;
    for (const { index, 0: end } of text.slice(0, offset).matchAll(/\r\n|[\n\r]/g)) {
      begin = index + end.length;
      line++;
    }
    this.line = line;
    const column = offset - begin + 1;
    this.column = Math.max(1, column - (pads?.get(this.line) ?? 0));
  }
}

/** Makes the fault of a place in the text that is read. */
export type Fail = (offset: number, message: string) => YamlFault;
