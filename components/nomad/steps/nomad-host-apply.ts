export { applyStep as run } from "../../linux/step";
