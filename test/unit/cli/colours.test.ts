import { wantsColours } from "../../../cli/colours";

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ TERM: "dumb" }, true, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ CI: "true" }, false, false],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true, false],
])("with %j, at a terminal: %j, there are colours: %j", (env, isTerminal, wants) => {
  expect(wantsColours(env, isTerminal)).toBe(wants);
});
