// Pages to read.

import { begin } from "./shell.js";

begin(() => {});
