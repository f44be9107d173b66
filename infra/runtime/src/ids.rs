//! Randomness, drawn only here.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::RegistrationId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The source of ids and secrets.
#[derive(Debug, Clone)]
pub enum Ids {
    /// The system's random numbers.
    System,
    /// A counter, hashed: the same sequence each time, for tests that compare whole answers.
    Counted(Arc<AtomicU64>),
}

impl Ids {
    /// Creates a sequence that starts at its beginning.
    pub fn counted() -> Self {
        Self::Counted(Arc::default())
    }

    /// Returns `N` random bytes, at most 32.
    ///
    /// # Panics
    /// If the system gives no random numbers, since no id or secret may be made without them.
    #[expect(clippy::disallowed_methods, clippy::expect_used, reason = "the one place that draws randomness")]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::System => getrandom::fill(&mut bytes).expect("the system has randomness"),
            Self::Counted(count) => {
                let n = count.fetch_add(1, Ordering::Relaxed);
                bytes.copy_from_slice(&Sha256::digest(n.to_be_bytes())[..N]);
            }
        }
        bytes
    }

    /// Returns a random id for an item: 96 bits as 24 hexadecimal digits.
    pub fn id(&self) -> String {
        use fmt::Write as _;
        self.bytes::<12>().iter().fold(String::with_capacity(24), |mut id, byte| {
            // Writing to a String does not fail.
            let _ = write!(id, "{byte:02x}");
            id
        })
    }

    /// Returns a new registration's id.
    ///
    /// # Panics
    /// Never: an [`id`](Self::id) has the form of a registration's.
    #[expect(clippy::expect_used, reason = "24 hexadecimal digits parse")]
    pub fn registration_id(&self) -> RegistrationId {
        self.id().parse().expect("24 hexadecimal digits")
    }

    /// Returns a new bearer or reset token: 256 bits (requirements PW6).
    pub fn secret(&self) -> Secret {
        Secret::new(BASE64_URL_SAFE_NO_PAD.encode(self.bytes::<32>()))
    }
}

/// A token in plain text, from a request or for an answer. Never printed, wiped when dropped; stored only as its
/// [`digest`](Secret::digest).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the token of a request.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Returns the token itself, to hand to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the SHA-256, which is stored instead. The secret has 256 random bits, so no salt or work factor is
    /// needed.
    pub fn digest(&self) -> String {
        digest(self.0.as_bytes())
    }
}

impl Secret {
    /// Returns a digest of `text` under this secret as key: 16 characters of 6 bits. HMAC takes keys of any length, so
    /// that this never returns `None`.
    pub fn keyed_digest(&self, text: &str) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).ok()?;
        mac.update(text.as_bytes());
        Some(BASE64_URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..12]))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Returns the SHA-256 of `bytes` in URL-safe base64: 43 characters.
pub fn digest(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ap8_a_secret_never_prints() {
        assert_eq!(format!("{:?}", Ids::System.secret()), "Secret(…)");
    }

    #[test]
    fn pw6_a_token_has_256_random_bits() {
        let (one, other) = (Ids::System.secret(), Ids::System.secret());
        assert_eq!(one.reveal().len(), 43);
        assert!(one != other);
    }

    #[test]
    fn s6_a_keyed_digest_depends_on_key_and_text() {
        let (one, other) = (Secret::new("one"), Secret::new("other"));
        let digest = one.keyed_digest("192.0.2.1").unwrap();
        assert_eq!(digest.len(), 16);
        assert_eq!(one.keyed_digest("192.0.2.1").as_deref(), Some(digest.as_str()));
        assert_ne!(one.keyed_digest("192.0.2.2").as_deref(), Some(digest.as_str()));
        assert_ne!(other.keyed_digest("192.0.2.1").as_deref(), Some(digest.as_str()));
    }

    #[test]
    fn counted_ids_repeat_from_the_start() {
        assert_eq!(Ids::counted().registration_id(), Ids::counted().registration_id());
    }
}
