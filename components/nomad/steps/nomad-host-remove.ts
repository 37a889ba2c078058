export { removeStep as run } from "../../linux/step";
