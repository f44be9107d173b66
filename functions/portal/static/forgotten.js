import { call } from "./api.js";
import { $ } from "./dom.js";
import { submitting } from "./form.js";
import { begin } from "./shell.js";

begin(() => {
  const form = $("#forgotten");
  submitting(form, async ({ email = "" }) => {
    await call("POST", "/password-resets", { body: { email }, anonymous: true });
    form.hidden = true;
    $("#asked-email").textContent = email.trim();
    $("#asked").hidden = false;
    $("#asked").focus();
  });
});
