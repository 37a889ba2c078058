import { connect } from "node:net";

/** Sends a text to a daemon's control socket and reads until the answer is whole. */
function talk(
  socket: string,
  text: string | undefined,
  whole: (answer: string) => boolean,
  timeoutMs = 5_000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = connect(socket);
    let answer = "";
    client.setEncoding("latin1");
    client.setTimeout(timeoutMs, () => client.destroy(new Error(`no answer from ${socket}`)));
    client.on("connect", () => {
      if (text !== undefined) client.write(text);
    });
    client.on("data", (piece: string) => {
      answer += piece;
      if (!whole(answer)) return;
      client.destroy();
      resolve(answer);
    });
    client.on("error", reject);
    client.on("close", () => reject(new Error(`${socket} closed: ${answer}`)));
  });
}

/** BIRD's protocol: lines with a code of four digits; a space after it ends an answer, and a greeting comes first. */
export async function askBird(socket: string, command: string): Promise<string> {
  const ends = /^\d{4} .*\n/gm;
  const answer = await talk(
    socket,
    `${command}\n`,
    (text) => text.endsWith("\n") && (text.match(ends) ?? []).length >= 2,
  );
  const body = answer.slice(answer.indexOf("\n") + 1);
  return body
    .split("\n")
    .map((line) => line.replace(/^\d{4}[- ]/, "").replace(/^ /, ""))
    .join("\n");
}

/** FRR's protocol: texts that end with a zero byte; three of them and the result end an answer. */
export async function askFrr(socket: string, command: string): Promise<string> {
  // Not everything is shown to whoever has not said this first, as vtysh does.
  const asked = ["enable", command];
  const ends = /\0\0\0[^\0]|\0{4}/g;
  const answer = await talk(
    socket,
    asked.map((one) => `${one}\0`).join(""),
    (text) => (text.match(ends) ?? []).length >= asked.length,
  );
  return answer.split(ends).at(-2) ?? "";
}
