// Pages without behaviour of their own.

import { begin } from "./shell.js";

begin(() => {});
