//! Forms: fields are taken one by one, each parsed by its rule. All faults are reported at once, and members that were
//! not taken are refused.

use domain::{Fault, text};
use serde_json::{Map, Value};

use crate::{Problem, problem::FieldError};

/// The greatest number of faults that one answer lists. No form has as many fields.
const FAULTS: usize = 20;

/// The members of a JSON object that have not been taken yet, and the faults so far.
///
/// A method that takes a field returns `None` if the field is faulty, and keeps the fault for [`finish`](Self::finish).
///
/// ```
/// use domain::person::{Name, Phone};
/// use edge::Form;
/// use serde_json::json;
///
/// let body = json!({ "lastName": "Exemple", "phone": "zéro six", "status": "active" });
/// let mut form = Form::new(body.as_object().unwrap().clone());
/// let last_name = form.required("lastName", str::parse::<Name>);
/// let phone = form.optional("phone", str::parse::<Phone>);
/// assert!(last_name.is_some() && phone.is_none());
///
/// let problem = form.finish(last_name).unwrap_err().document("a request's id");
/// assert_eq!(problem["status"], 422);
/// assert_eq!(problem["errors"][0]["pointer"], "/phone");
/// assert_eq!(problem["errors"][1]["pointer"], "/status"); // not taken
/// ```
#[derive(Debug)]
pub struct Form {
    members: Map<String, Value>,
    faults: Vec<FieldError>,
}

impl Form {
    /// Creates a form of these members, none of them taken yet.
    pub fn new(members: Map<String, Value>) -> Self {
        Self { members, faults: Vec::new() }
    }

    /// Returns the members that have not been taken.
    pub fn into_members(self) -> Map<String, Value> {
        self.members
    }

    /// Takes a required text field.
    pub fn required<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        let parsed = match self.members.remove(name) {
            None | Some(Value::Null) => Err(text::required()),
            Some(Value::String(typed)) => parse(&typed),
            Some(_) => Err(wrong_type("un texte")),
        };
        self.keep(name, parsed)
    }

    /// Takes an optional text field, which may be missing, null or blank.
    pub fn optional<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        match self.members.remove(name)? {
            Value::Null => None,
            Value::String(typed) if text::visible(&typed).trim().is_empty() => None,
            Value::String(typed) => self.keep(name, parse(&typed)),
            _ => self.keep(name, Err(wrong_type("un texte"))),
        }
    }

    /// Takes a required list of at most `most` texts and parses each. A repeated item counts once.
    pub fn list<T: PartialEq>(
        &mut self,
        name: &str,
        most: usize,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<Vec<T>> {
        match self.members.get(name) {
            None | Some(Value::Null) => self.keep(name, Err(text::required())),
            Some(_) => self.list_or_empty(name, most, parse),
        }
    }

    /// Takes a list like [`list`](Self::list); a missing or null one is empty.
    pub fn list_or_empty<T: PartialEq>(
        &mut self,
        name: &str,
        most: usize,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<Vec<T>> {
        let list = match self.members.remove(name) {
            None | Some(Value::Null) => return Some(Vec::new()),
            Some(Value::Array(list)) if list.len() > most => return self.keep(name, Err(too_many(most))),
            Some(Value::Array(list)) => list,
            Some(_) => return self.keep(name, Err(wrong_type("une liste"))),
        };
        let mut parsed = Vec::new();
        let mut sound = true;
        for (at, item) in list.into_iter().enumerate() {
            let item = if let Value::String(typed) = item { parse(&typed) } else { Err(wrong_type("un texte")) };
            match item {
                Ok(item) if parsed.contains(&item) => {}
                Ok(item) => parsed.push(item),
                Err(fault) => {
                    sound = false;
                    self.fault_at(name, at, &fault);
                }
            }
        }
        sound.then_some(parsed)
    }

    /// Takes a boolean field that has this value if it is missing.
    pub fn flag_or(&mut self, name: &str, missing: bool) -> Option<bool> {
        if self.members.get(name).is_none_or(Value::is_null) {
            self.members.remove(name);
            return Some(missing);
        }
        self.flag(name)
    }

    /// Takes a required boolean field.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let parsed = match self.members.remove(name) {
            None | Some(Value::Null) => Err(text::required()),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(wrong_type("true ou false")),
        };
        self.keep(name, parsed)
    }

    /// Adds a fault that was found after parsing, such as an id that the table does not have.
    pub fn fault(&mut self, name: &str, fault: &Fault) {
        self.faults.push(FieldError::new(name, fault));
    }

    /// Adds a fault of one item of a list.
    pub fn fault_at(&mut self, name: &str, at: usize, fault: &Fault) {
        let FieldError { pointer, code, detail } = FieldError::new(name, fault);
        self.faults.push(FieldError { pointer: format!("{pointer}/{at}"), code, detail });
    }

    /// Returns `made`, the result of all fields. Members that were not taken are faults too, after those of the form's
    /// own fields.
    ///
    /// # Errors
    /// 422 with all faults, 20 at the most, if there are any or `made` is `None`.
    pub fn finish<T>(mut self, made: Option<T>) -> Result<T, Problem> {
        for name in self.members.keys().take(FAULTS + 1) {
            let fault = Fault::new("unknown-field", "Ce champ n’existe pas, ou ne se modifie pas : retirez-le.");
            self.faults.push(FieldError::new(name, &fault));
        }
        match made {
            Some(made) if self.faults.is_empty() => Ok(made),
            _ if self.faults.len() > FAULTS => {
                self.faults.truncate(FAULTS);
                Err(Problem::fields(self.faults).with_sentence("Il y en a d’autres, qui ne sont pas indiqués."))
            }
            _ => Err(Problem::fields(self.faults)),
        }
    }

    fn keep<T>(&mut self, name: &str, parsed: Result<T, Fault>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(fault) => {
                self.fault(name, &fault);
                None
            }
        }
    }
}

fn too_many(most: usize) -> Fault {
    Fault::new("too-many", format!("Choisissez {most} éléments au plus."))
}

fn wrong_type(expected: &str) -> Fault {
    Fault::new("wrong-type", format!("Ce champ attend {expected}."))
}
