/** Reads what `go build -v` prints: one import path for each package it compiles, downloads, and messages. */
export class GoOutput {
  #partial = "";
  #downloads = 0;
  #packages = 0;
  #last = "";
  readonly #messages: string[] = [];

  add(text: string): void {
    const lines = (this.#partial + text).split("\n");
    this.#partial = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (line.startsWith("go: downloading ")) this.#downloads++;
    else if (/^[\w.+~/-]+$/.test(line)) {
      this.#packages++;
      this.#last = line;
    } else if (line.trim() !== "") this.#messages.push(line);
  }

  /** Packages compiled so far; those found in Go's cache are not printed and not counted. */
  get packages(): number {
    return this.#packages;
  }

  /** Lines that are neither packages nor downloads: errors, mostly. */
  get messages(): readonly string[] {
    return this.#partial.trim() === "" ? this.#messages : [...this.#messages, this.#partial];
  }

  /** How far the build is, for a line of progress. */
  describe(): string {
    if (this.#packages > 0) return `${this.#packages} packages compiled, last ${this.#last}`;
    if (this.#downloads > 0) return `${this.#downloads} modules downloaded`;
    return "reading packages, or linking";
  }
}
