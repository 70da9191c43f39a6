import { answer } from "./barrel.js";

globalThis.run = answer;
