// Types for the JSDoc of the portal's modules: the parts of the API's answers (openapi.json) that the pages read, and
// the elements of a page. They are global, because build.rs would take `import("./x.js")` in a module's comment for an
// import.

type StaffRole = "librarian" | "county";
type Role = "patron" | StaffRole;
type Status = "pending" | "active" | "expired";

interface Account {
  email: string;
  displayName: string;
  /** One or two: a member of staff may be a patron too. */
  roles: Role[];
  libraryIds: string[];
}

interface Session {
  token: string;
  expiresAt: string;
  account: Account;
}

/** A person's fields in a form, all of them text. */
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
  /** The account's other registrations, those of the caller's libraries. */
  household?: Pick<Registration, "id" | "lastName" | "firstName">[];
  /** In the answer to a new registration: its address had an account, which keeps its own password. */
  passwordIgnored?: true;
  actions: Actions;
}

/** A registration as its patron sees it, without the actions of staff. */
interface OwnRegistration extends Omit<Registration, "actions" | "household"> {
  library: Pick<Library, "name" | "town" | "email">;
  /** The ids of the resources that are open now. */
  access: string[];
}

/** The signed-in account with its registrations. */
interface Me {
  account: Account;
  registrations: OwnRegistration[];
  /** Of staff who have a second factor or must have one. */
  secondFactor?: SecondFactor;
}

/** Whether an account has a second factor, and whether it must have one. */
interface SecondFactor {
  enrolled: boolean;
  required: boolean;
}

/** A session of the account. `current` marks the caller's own. */
interface OpenSession {
  openedAt: string;
  lastUsedAt: string;
  current: boolean;
}

/** The reason why an action is refused, and the first day on which it may be possible. */
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

/** The caller's possible actions on a registration today, as `domain` decides them. */
interface Actions {
  /** `accessUntil` is the last day with access. */
  activation: { allowed: true; accessUntil: string } | Refusal;
  /** `activates` is true for a pending registration, whose renewal opens access. */
  renewal: { allowed: true; expiresOn: string; activates: boolean } | Refusal;
  /** The first day on which the county may be warned. Pending registrations only. */
  countyFrom?: string;
}

/** An entry of the directory under its version, for `If-Match`. */
interface Versioned {
  etag: string;
}

/** A member of staff in the directory. */
interface Member extends Omit<Account, "roles">, Versioned {
  role: StaffRole;
  mailState?: "bounced" | "complained";
  /** Absent for a member who never signed in. */
  lastSignInAt?: string;
}

interface Library extends Versioned {
  id: string;
  name: string;
  town: string;
  postalCode: string;
  email?: string;
  /** False for a closed library, which can't be chosen again. */
  active: boolean;
}

interface Resource extends Versioned {
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
  /** An Excel file that only may have held the registration. */
  possibly?: boolean;
}

/** A line of the directory's history: `id` of a library or a resource, `email` of a member of staff. */
interface DirectoryLine {
  at: string;
  by: string;
  kind: "library" | "resource" | "staff";
  id?: string;
  email?: string;
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
  /** The registration that the refusal names. */
  id?: string;
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
  /** Sends no session token. */
  anonymous?: boolean;
  /** Asks the user nothing if the call is refused. */
  quiet?: boolean;
  /** Lets the call end after the page is left. */
  keepalive?: boolean;
}

/** The values of a form by control name; blank ones are absent. */
type Typed = Record<string, string | undefined>;

/** The call that saves an entry of the directory. */
interface Saving {
  path: string;
  body: Record<string, unknown>;
}

/** A question that is asked once, before something that others notice: what is done, its consequence, the button. */
type Question = [title: string, text: string, yes: string];

/** Another action in the dialog of an entry: its button, its call, the question before it, and the text after it. */
interface Other {
  text: string;
  method: "POST" | "DELETE";
  path: string;
  kind?: string;
  question?: Question;
  done: string;
}

/**
 * The dialog of an entry of the directory, `null` for a new one. `names` are the names of its fields, and `show` returns
 * the text of a field's value. `asks` returns the question before an entry is saved, if there is one.
 */
interface Edited<Item> {
  item: Item | null;
  title: string;
  content: Child[];
  request: (values: Typed, form: HTMLFormElement) => Saving;
  names: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: the kind of value depends on the field.
  show: (name: string, value: any) => string;
  asks?: (body: Saving["body"]) => Question | null;
  others?: Other[];
}

/** The state of the list, stored in the parameters of its URL. */
interface View {
  status: string;
  search: string;
  sort: string;
  library: string;
  page: number;
}

/** The name of a registration's field and its value, `null` if it has none. */
type Change = [name: string, value: unknown];

// biome-ignore lint/suspicious/noExplicitAny: the kind of event depends on the attribute.
type Attribute = string | number | boolean | null | undefined | ((event: any) => unknown);
type Child = Node | string | null | undefined | false;

/**
 * An element found in a page. The selector does not determine its type, so that the type has all properties of form
 * controls and links that the pages use.
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
