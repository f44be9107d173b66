//! A form: fields are taken one by one, each parsed by its rule; all faults are told at once, and whatever was not
//! taken is refused.

use domain::{Fault, text};
use serde_json::{Map, Value};

use crate::{Problem, problem::FieldError};

/// The members of a JSON object that have not been taken yet, and the faults so far.
#[derive(Debug)]
pub struct Form {
    members: Map<String, Value>,
    faults: Vec<FieldError>,
}

impl Form {
    /// A form of these members, none of them taken yet.
    pub fn new(members: Map<String, Value>) -> Self {
        Self { members, faults: Vec::new() }
    }

    /// The members that have not been taken.
    pub fn into_members(self) -> Map<String, Value> {
        self.members
    }

    /// A text field that must be there.
    pub fn required<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        let parsed = match self.members.remove(name) {
            None | Some(Value::Null) => Err(text::required()),
            Some(Value::String(typed)) => parse(&typed),
            Some(_) => Err(wrong_type("un texte")),
        };
        self.keep(name, parsed)
    }

    /// A text field that may be left out, null or blank.
    pub fn optional<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        match self.members.remove(name)? {
            Value::Null => None,
            Value::String(typed) if typed.trim().is_empty() => None,
            Value::String(typed) => self.keep(name, parse(&typed)),
            _ => self.keep(name, Err(wrong_type("un texte"))),
        }
    }

    /// A list of texts that must be there, each parsed; a repeated one counts once.
    pub fn list<T: PartialEq>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, Fault>) -> Option<Vec<T>> {
        match self.members.get(name) {
            None | Some(Value::Null) => self.keep(name, Err(text::required())),
            Some(_) => self.list_or_empty(name, parse),
        }
    }

    /// The same, where none at all is an empty list.
    pub fn list_or_empty<T: PartialEq>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<Vec<T>> {
        let list = match self.members.remove(name) {
            None | Some(Value::Null) => return Some(Vec::new()),
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

    /// A yes or no that must be there.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let parsed = match self.members.remove(name) {
            None | Some(Value::Null) => Err(text::required()),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(wrong_type("true ou false")),
        };
        self.keep(name, parsed)
    }

    /// Adds a fault that only the table could tell.
    pub fn fault(&mut self, name: &str, fault: &Fault) {
        self.faults.push(FieldError::new(name, fault));
    }

    /// The same, of one item of a list.
    pub fn fault_at(&mut self, name: &str, at: usize, fault: &Fault) {
        let FieldError { pointer, code, detail } = FieldError::new(name, fault);
        self.faults.push(FieldError { pointer: format!("{pointer}/{at}"), code, detail });
    }

    /// What was made of the fields, or 422 with all that is wrong; members that nobody took are wrong too.
    pub fn finish<T>(mut self, made: Option<T>) -> Result<T, Problem> {
        for name in self.members.keys() {
            let fault = Fault::new("unknown-field", "Ce champ n’existe pas, ou ne se modifie pas : retirez-le.");
            self.faults.push(FieldError::new(name, &fault));
        }
        match made {
            Some(made) if self.faults.is_empty() => Ok(made),
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

fn wrong_type(expected: &str) -> Fault {
    Fault::new("wrong-type", format!("Ce champ attend {expected}."))
}
