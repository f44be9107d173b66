//! The second factor of an account of the staff: codes that change every 30 seconds (RFC 6238), and recovery codes for
//! who has lost their telephone (requirements AP15).
//!
//! Each code is good once. A wrong one counts as a wrong password.

use std::{fmt, str::FromStr};

use base32::Alphabet;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use totp_rs::Builder;

use crate::{Account, Email, Fault};

/// The time after a sign-in or a confirmation in which sensitive calls are accepted (contract, accounts).
pub const CONFIRMED: SignedDuration = SignedDuration::from_mins(15);
/// The time in which an enrolment has to be confirmed by a first code.
pub const ENROLMENT: SignedDuration = SignedDuration::from_mins(60);
/// Number of recovery codes.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of a recovery code: 120 bits, so that a plain digest of it may be stored (ASVS 5.0, 6.5.2).
pub const RECOVERY_BYTES: usize = 15;
/// Random bytes of a secret: 160 bits (RFC 4226, section 4).
pub const SECRET_BYTES: usize = 20;
/// The name that an authenticator app shows above the codes.
const ISSUER: &str = "Ressources numériques";

/// Whether county accounts must have a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountySecondFactor {
    /// Without one, a session only serves to enrol.
    Required,
    /// They may have one.
    Optional,
}

impl CountySecondFactor {
    /// Returns whether this account must have a second factor.
    pub fn is_required_of(self, account: &Account) -> bool {
        self == Self::Required && account.is_county()
    }
}

impl FromStr for CountySecondFactor {
    type Err = &'static str;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        match value {
            "Required" => Ok(Self::Required),
            "Optional" => Ok(Self::Optional),
            _ => Err("neither Required nor Optional"),
        }
    }
}

/// The secret that the desk shares with an authenticator app.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SharedSecret(String);

impl SharedSecret {
    /// Makes the secret from random bytes.
    pub fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(base32::encode(Alphabet::Rfc4648 { padding: false }, &bytes))
    }

    /// Returns the secret in base32, for who can't scan the QR code.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the address that the QR code contains, as authenticator apps read it.
    ///
    /// ```
    /// use domain::second_factor::SharedSecret;
    ///
    /// let uri = SharedSecret::new([0; 20]).uri(&"mdo@oise.example".parse().unwrap());
    /// let secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    /// assert!(uri.starts_with(&format!("otpauth://totp/Ressources%20num%C3%A9riques:mdo%40oise%2Eexample?secret={secret}&")));
    /// ```
    pub fn uri(&self, account: &Email) -> String {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (issuer, account) = (encoded(ISSUER), encoded(account.as_str()));
        format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&digits=6&period=30", self.0)
    }

    /// Returns the step of a code that is good at `now`, or was one step ago, or will be in one. `None` for a wrong code.
    fn step(&self, code: &str, now: Timestamp) -> Option<u64> {
        let secret = base32::decode(Alphabet::Rfc4648 { padding: false }, &self.0)?;
        let secret: [u8; SECRET_BYTES] = secret.try_into().ok()?;
        let totp = Builder::new().with_secret(secret).build().ok()?;
        totp.check(code, u64::try_from(now.as_second()).ok()?)
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(…)")
    }
}

/// A code as it was typed.
#[derive(Clone, PartialEq, Eq)]
pub enum Code {
    /// Six digits, of the app.
    Timed(String),
    /// A recovery code, as it is digested: 24 letters and digits.
    Recovery(String),
}

impl FromStr for Code {
    type Err = Fault;

    /// Reads a code. Spaces and hyphens do not count, nor does case; letters that a recovery code does not have are read
    /// as the digits that they look like.
    ///
    /// # Errors
    /// `invalid-code` for a text that is neither kind of code.
    ///
    /// ```
    /// use domain::second_factor::Code;
    ///
    /// assert_eq!("123 456".parse(), Ok(Code::Timed("123456".into())));
    /// assert_eq!("O1IL-xxxx-xxxx-xxxx-xxxx-xxxx".parse(), Ok(Code::Recovery("0111xxxxxxxxxxxxxxxxxxxx".into())));
    /// assert!("12345".parse::<Code>().is_err());
    /// ```
    fn from_str(typed: &str) -> Result<Self, Fault> {
        let plain: String = typed.chars().filter(|c| !c.is_whitespace() && !"-‐‑–".contains(*c)).take(40).collect();
        if plain.len() == 6 && plain.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self::Timed(plain));
        }
        if plain.len() == RECOVERY_BYTES * 8 / 5 && plain.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let read = |c| match c {
                'o' => '0',
                'i' | 'l' => '1',
                c => c,
            };
            return Ok(Self::Recovery(plain.to_ascii_lowercase().chars().map(read).collect()));
        }
        let detail = "Tapez les 6 chiffres que montre votre application, ou un code de secours entier.";
        Err(Fault::new("invalid-code", detail))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// Returns a recovery code as people read it: six groups of four.
pub fn recovery_code(bytes: [u8; RECOVERY_BYTES]) -> String {
    let code = base32::encode(Alphabet::Crockford, &bytes).to_ascii_lowercase();
    let groups = code.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group));
    groups.collect::<Vec<_>>().join("-")
}

/// The second factor of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecondFactor {
    secret: SharedSecret,
    /// The step of the last code that was used: only later ones are good.
    used_step: u64,
    /// Digests of the recovery codes that were not used.
    recovery: Vec<String>,
}

impl SecondFactor {
    /// Enrols a secret by a first code. Returns `None` if the code is wrong.
    pub fn enrolled(secret: SharedSecret, code: &Code, recovery: Vec<String>, now: Timestamp) -> Option<Self> {
        let Code::Timed(code) = code else { return None };
        let used_step = secret.step(code, now)?;
        Some(Self { secret, used_step, recovery })
    }

    /// Returns the second factor after a code was used; `None` if the code is wrong or was used before. `digest` is the
    /// digest under which recovery codes are stored.
    pub fn after(&self, code: &Code, digest: impl Fn(&str) -> String, now: Timestamp) -> Option<Self> {
        match code {
            Code::Timed(code) => {
                let used_step = self.secret.step(code, now).filter(|step| *step > self.used_step)?;
                Some(Self { used_step, ..self.clone() })
            }
            Code::Recovery(code) => {
                let used = digest(code);
                let mut left = self.clone();
                left.recovery.retain(|digest| *digest != used);
                (left.recovery.len() < self.recovery.len()).then_some(left)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    fn secret() -> SharedSecret {
        SharedSecret::new(*b"12345678901234567890")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn code(typed: &str) -> Code {
        typed.parse().unwrap()
    }

    fn same(text: &str) -> String {
        text.to_owned()
    }

    fn enrolled() -> SecondFactor {
        let recovery = vec![format!("0{}", "a".repeat(23)), "b".repeat(24)];
        SecondFactor::enrolled(secret(), &code("287082"), recovery, at(59)).unwrap()
    }

    #[test]
    fn ap15_codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of eight digits.
        for (second, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = u64::try_from(second / 30).unwrap();
            assert_eq!(secret().step(expected, at(second)), Some(step), "{second}");
            assert_eq!(secret().step(expected, at(second + 30)), Some(step), "a step late");
            assert_eq!(secret().step(expected, at(second + 60)), None, "two steps late");
        }
    }

    #[test]
    fn ap15_a_code_is_good_once() {
        let factor = enrolled();
        assert_eq!(factor.after(&code("287082"), same, at(59)), None, "it has enrolled");
        let later = factor.after(&code("081804"), same, at(1_111_111_109)).unwrap();
        assert_eq!(later.after(&code("081804"), same, at(1_111_111_110)), None);
        assert!(later.after(&code("050471"), same, at(1_111_111_111)).is_some(), "the next step");
        assert_eq!(later.after(&code("287082"), same, at(59)), None, "no earlier step");
    }

    #[test]
    fn ap15_a_recovery_code_is_good_once() {
        let typed = code(&format!("OAAA-{}", "aaaa-".repeat(5)));
        let left = enrolled().after(&typed, same, at(0)).unwrap();
        assert_eq!(left.after(&typed, same, at(0)), None);
        assert!(left.after(&code(&"B".repeat(24)), same, at(0)).is_some(), "the others are still good");
        assert_eq!(left.after(&code(&"c".repeat(24)), same, at(0)), None);
    }

    #[test]
    fn ap15_a_recovery_code_reads_as_it_is_shown() {
        let shown = recovery_code([0xA5; RECOVERY_BYTES]);
        assert_eq!(shown.len(), 29);
        let Code::Recovery(read) = code(&shown) else { panic!("{shown}") };
        assert_eq!(read, shown.replace('-', ""));
        assert_eq!(code(&shown.to_uppercase()), Code::Recovery(read));
    }

    #[test]
    fn ap15_a_recovery_code_enrols_nothing() {
        assert_eq!(SecondFactor::enrolled(secret(), &code(&"b".repeat(24)), vec![], at(59)), None);
        assert_eq!(SecondFactor::enrolled(secret(), &code("000000"), vec![], at(59)), None);
    }

    #[test]
    fn ap8_debugging_shows_no_secret() {
        let shown = format!("{:?} {:?}", enrolled(), code("287082"));
        assert!(!shown.contains("GEZDGNBV") && !shown.contains("287082"), "{shown}");
    }
}
