//! Argon2id for passwords, m = 19456 KiB, t = 2, p = 1 (requirements PW1), in memory that is kept between calls: a warm
//! hash asks the system for no page.

use std::sync::{Mutex, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use domain::password::Password;
use runtime::Ids;

/// Hashing failed for a reason that is nobody's password: a stored hash that does not parse, say. Goes to the log.
#[derive(Debug, thiserror::Error)]
#[error("password hashing failed: {0}")]
pub struct HashingFailed(String);

impl HashingFailed {
    fn because(why: impl std::fmt::Display) -> Self {
        Self(why.to_string())
    }
}

/// What trying a password came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not this account's password, or no such account.
    Wrong,
    /// The account's password.
    Right,
    /// The account's password, under a hash weaker than today's: hash it anew (requirements PW1).
    RightButWeak,
}

/// Hashes and verifies, one at a time.
#[derive(Debug, Default)]
pub struct Hasher {
    memory: Mutex<Vec<Block>>,
}

impl Hasher {
    /// A hasher whose memory is taken at the first use.
    pub fn new() -> Self {
        Self::default()
    }

    /// A password's hash as a PHC string, under a salt of its own.
    pub fn hash(&self, password: &Password, ids: &Ids) -> Result<String, HashingFailed> {
        let salt = Salt::new(&ids.bytes::<16>()).map_err(HashingFailed::because)?;
        let argon2 = today();
        let output = self.output(&argon2, password.as_bytes(), &salt)?;
        let phc = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(argon2.params()).map_err(HashingFailed::because)?,
            salt: Some(salt),
            hash: Some(output),
        };
        Ok(phc.to_string())
    }

    /// Tries a password against what is stored. Does the work of exactly one verification whatever is missing: an
    /// unknown account, one without a password, or a password too long to be anyone's (requirements PW2).
    pub fn verify(&self, tried: Option<&Password>, stored: Option<&str>) -> Result<Verdict, HashingFailed> {
        let bytes = tried.map_or(&[][..], Password::as_bytes);
        let Some(stored) = stored else {
            let decoy = Salt::new(&[0; 16]).map_err(HashingFailed::because)?;
            self.output(&today(), bytes, &decoy)?;
            return Ok(Verdict::Wrong);
        };
        let stored = PasswordHash::new(stored).map_err(HashingFailed::because)?;
        let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
            return Err(HashingFailed("a stored hash has no salt or no output".into()));
        };
        let params = Params::try_from(&stored).map_err(HashingFailed::because)?;
        let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(HashingFailed::because)?;
        let version = stored.version.map_or(Ok(Version::V0x13), Version::try_from).map_err(HashingFailed::because)?;
        let weak = algorithm != Algorithm::Argon2id || version != Version::V0x13 || weaker(&params);
        let output = self.output(&Argon2::new(algorithm, version, params), bytes, &salt)?;
        // `Output` compares in constant time.
        Ok(match (tried.is_some() && output == expected, weak) {
            (false, _) => Verdict::Wrong,
            (true, false) => Verdict::Right,
            (true, true) => Verdict::RightButWeak,
        })
    }

    fn output(&self, argon2: &Argon2<'_>, password: &[u8], salt: &Salt) -> Result<Output, HashingFailed> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let blocks = argon2.params().block_count();
        if memory.len() < blocks {
            memory.resize(blocks, Block::default());
        }
        let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
        argon2
            .hash_password_into_with_memory(password, salt, &mut out, &mut memory[..blocks])
            .map_err(HashingFailed::because)?;
        Output::new(&out).map_err(HashingFailed::because)
    }
}

/// Today's parameters; `argon2`'s own defaults are the same, and a test holds them to it.
fn today() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

fn weaker(params: &Params) -> bool {
    let today = Params::default();
    params.m_cost() < today.m_cost() || params.t_cost() < today.t_cost()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::tried(text).unwrap()
    }

    #[test]
    fn pw1_argon2id_m_19456_t_2_p_1_own_salt_phc_string() {
        let hasher = Hasher::new();
        let one = hasher.hash(&password("Vélo-Pomme7-Lune"), &Ids::System).unwrap();
        let other = hasher.hash(&password("Vélo-Pomme7-Lune"), &Ids::System).unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other, "each has its own salt");
    }

    #[test]
    fn the_right_password_is_right_and_every_other_wrong() {
        let hasher = Hasher::new();
        let stored = hasher.hash(&password("Vélo-Pomme7-Lune"), &Ids::System).unwrap();
        let verify = |tried: &str| hasher.verify(Password::tried(tried).as_ref(), Some(&stored)).unwrap();
        assert_eq!(verify("Ve\u{301}lo-Pomme7-Lune"), Verdict::Right);
        assert_eq!(verify("Vélo-Pomme7-Lun"), Verdict::Wrong);
        assert_eq!(verify(&"é".repeat(129)), Verdict::Wrong, "too long to be anyone's");
        assert_eq!(hasher.verify(Some(&password("Vélo-Pomme7-Lune")), None).unwrap(), Verdict::Wrong);
    }

    #[test]
    fn pw1_a_weaker_hash_is_recognised() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8192, 1, 1, None).unwrap());
        let hasher = Hasher::new();
        let salt = Salt::new(&[7; 16]).unwrap();
        let stored = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(19),
            params: ParamsString::try_from(weak.params()).unwrap(),
            salt: Some(salt),
            hash: Some(hasher.output(&weak, b"Velo-Pomme7-Lune", &salt).unwrap()),
        };
        let verdict = hasher.verify(Some(&password("Velo-Pomme7-Lune")), Some(&stored.to_string())).unwrap();
        assert_eq!(verdict, Verdict::RightButWeak);
    }
}
