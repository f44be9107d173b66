import { call } from "./api.js";
import { $ } from "./dom.js";
import { submitting } from "./form.js";
import { begin } from "./shell.js";

/**
 * Takes the address of an invitation's link out of the page's address, so that the history of a shared computer does not
 * show it. It is in the fragment, which browsers never send to a server.
 */
function takeAddress() {
  const fragment = location.hash.slice(1);
  // Another fragment is a place on the page, such as the target of the skip link.
  if (/@|%40/.test(fragment)) history.replaceState(null, "", location.pathname);
  try {
    const address = decodeURIComponent(fragment);
    return address.includes("@") ? address : "";
  } catch {
    return "";
  }
}

let address = takeAddress();

begin(() => {
  const form = $("#forgotten");
  const fill = () => {
    if (!address) return;
    $("#email").value = address;
    form.hidden = false;
    $("#asked").hidden = true;
    $("[type=submit]", form).focus();
  };
  submitting(form, async ({ email = "" }) => {
    await call("POST", "/password-resets", { body: { email }, anonymous: true });
    form.hidden = true;
    $("#asked-email").textContent = email.trim();
    $("#asked").hidden = false;
    $("#asked").focus();
  });
  fill();
  // Another link that is opened in this tab changes the fragment only.
  addEventListener("hashchange", () => {
    address = takeAddress();
    fill();
  });
});
