//! Passwords: argon2id hashes in PHC format, with the parameters of OWASP's Password Storage Cheat Sheet
//! (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>, argon2id: m=19456, t=2, p=1).
//!
//! Every function here takes tens of milliseconds of processor time: call them in `spawn_blocking`.

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{Error, PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};

use crate::AuthError;

/// Memory of one hash, in KiB.
const MEMORY_KIB: u32 = 19_456;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Lanes.
const PARALLELISM: u32 = 1;

/// A hash with the parameters above that no password is known for: salt and output are counted up.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn argon2() -> Result<Argon2<'static>, AuthError> {
    let params = Params::new(MEMORY_KIB, PASSES, PARALLELISM, None).map_err(|error| failed(&error.into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: &Error) -> AuthError {
    AuthError::Password(error.to_string())
}

/// The hash to store, salted from the system's randomness.
pub fn hash(password: &SecretString) -> Result<String, AuthError> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = argon2()?
        .hash_password(password.expose_secret().as_bytes(), &salt)
        .map_err(|error| failed(&error))?;
    Ok(hash.to_string())
}

/// Whether the password belongs to a stored hash. Compares in constant time.
///
/// An error means that the stored hash has a wrong form, not that the password is wrong.
pub fn verify(password: &SecretString, stored: &str) -> Result<bool, AuthError> {
    let stored = PasswordHash::new(stored).map_err(|error| failed(&error))?;
    match argon2()?.verify_password(password.expose_secret().as_bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(Error::Password) => Ok(false),
        Err(error) => Err(failed(&error)),
    }
}

/// Does the work of [`verify`] for a user who does not exist, so that the time of an answer tells nobody which users do.
/// Never true.
pub fn verify_dummy(password: &SecretString) -> Result<bool, AuthError> {
    verify(password, NOBODY).map(|_| false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[test]
    fn a_hash_belongs_to_its_password_alone() {
        let stored = hash(&secret("correct horse")).expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(verify(&secret("correct horse"), &stored), Ok(true));
        assert_eq!(verify(&secret("battery staple"), &stored), Ok(false));
    }

    #[test]
    fn two_hashes_of_one_password_differ() {
        assert_ne!(hash(&secret("same")).expect("hashed"), hash(&secret("same")).expect("hashed"));
    }

    #[test]
    fn the_hash_of_nobody_costs_what_others_cost_and_fits_no_password() {
        let stored = hash(&secret("x")).expect("hashed");
        let (nobody, somebody) =
            (PasswordHash::new(NOBODY).expect("a hash"), PasswordHash::new(&stored).expect("a hash"));
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.hash.map(|output| output.len()), somebody.hash.map(|output| output.len()));
        assert_eq!(nobody.salt.map(|salt| salt.len()), somebody.salt.map(|salt| salt.len()));
        assert_eq!(verify_dummy(&secret("")), Ok(false));
    }

    #[test]
    fn a_broken_hash_is_an_error() {
        assert!(matches!(verify(&secret("x"), "plain text"), Err(AuthError::Password(_))));
    }
}
