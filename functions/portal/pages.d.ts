// Types that the pages' JSDoc names: the API's answers (openapi.json), as far as the pages read them, and the elements of
// a page. Declared for all modules at once: in a page's module, `import("./x.js")` in a comment would count as an import
// when the files are named by their digests (build.rs).

type Role = "patron" | "librarian" | "county";
type Status = "pending" | "active" | "expired";

interface Account {
  email: string;
  displayName: string;
  role: Role;
  libraryIds: string[];
}

interface Session {
  token: string;
  expiresAt: string;
  account: Account;
}

/** The fields of a form's person that are text. */
interface Person {
  lastName: string;
  firstName: string;
  birthDate: string;
  email: string;
  phone?: string;
  address?: string;
  postalCode?: string;
  town?: string;
  cardNumber?: string;
}

interface Registration extends Person {
  id: string;
  status: Status;
  registeredOn: string;
  expiresOn: string;
  activatedOn?: string;
  activatedBy?: string;
  renewedOn?: string;
  warnedOn?: string;
  escalatedOn?: string;
  mailState?: "bounced" | "complained";
  resources: string[];
  libraryId: string;
  actions: Actions;
}

/** A registration as its patron sees it, without what staff may do to it. */
type OwnRegistration = Omit<Registration, "actions">;

/** Why an action is refused, and from which day on it may be possible. */
interface Refusal {
  allowed: false;
  reason:
    | "suspended"
    | "past-expiry"
    | "already-active"
    | "county-too-early"
    | "library-not-warned"
    | "renewal-too-early";
  possibleFrom?: string;
}

/** What the caller may do to a registration today, as `domain` decides it. */
interface Actions {
  /** `accessUntil` is the last day with access. */
  activation: { allowed: true; accessUntil: string } | Refusal;
  /** `activates` where the registration is pending: its renewal opens access. */
  renewal: { allowed: true; expiresOn: string; activates: boolean } | Refusal;
  /** The first day on which the county may be told. Pending registrations only. */
  countyFrom?: string;
}

interface Library {
  id: string;
  name: string;
  town: string;
  postalCode: string;
  email?: string;
}

interface Resource {
  id: string;
  name: string;
  active: boolean;
  url?: string;
}

interface Count {
  status: Status;
  count: number;
  more: boolean;
}

/** A line of a registration's history. */
interface HistoryLine {
  at: string;
  by: string;
  action: string;
  fields?: string[];
}

interface Mail {
  kind: string;
  state: string;
  at: string;
}

/** One fault of a refused form: a JSON pointer to its field, and the text to show. */
interface Fault {
  pointer: string;
  detail: string;
}

/** The body of a refusal (RFC 9457). */
interface ProblemBody {
  type?: string;
  detail: string;
  errors?: Fault[];
}

// biome-ignore lint/suspicious/noExplicitAny: a body is described where it is read.
interface Answer<Body = any> {
  status: number;
  body: Body;
  etag: string | null;
}

interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Without the session. */
  anonymous?: boolean;
  /** Without asking for the password again when the session is over. */
  quiet?: boolean;
}

/** What a form holds, by the names of its controls; blank ones are absent. */
type Typed = Record<string, string | undefined>;

/** What the list shows: the parameters of its address. */
interface View {
  status: string;
  search: string;
  sort: string;
  library: string;
  page: number;
}

/** A name of a registration's field and its value, `null` for none. */
type Change = [name: string, value: unknown];

// biome-ignore lint/suspicious/noExplicitAny: the kind of event depends on the attribute.
type Attribute = string | number | boolean | null | undefined | ((event: any) => unknown);
type Child = Node | string | null | undefined | false;

/**
 * An element found in a page. Its kind is known from the template and not from the selector, so it has the properties of
 * form controls and links that the pages use.
 */
interface Part extends HTMLElement {
  value: string;
  type: string;
  checked: boolean;
  indeterminate: boolean;
  disabled: boolean;
  readOnly: boolean;
  placeholder: string;
  maxLength: number;
  href: string;
  pathname: string;
}
