// The page to open after sign-in.

const HOME = "/portail/mon-compte";

/**
 * Returns the URL to open after sign-in. Only pages of the portal are accepted; anything else, also what is no URL, leads
 * to the user's account.
 * @param {string} search the query of the sign-in page
 * @param {string} origin the portal's own origin
 */
export function onward(search, origin) {
  const wanted = new URLSearchParams(search).get("retour") ?? "";
  if (!URL.canParse(wanted, origin)) return HOME;
  const target = new URL(wanted, origin);
  return target.origin === origin && target.pathname.startsWith("/portail/") ? target.href : HOME;
}
