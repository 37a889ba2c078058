export { lookStep as run } from "../../linux/step";
