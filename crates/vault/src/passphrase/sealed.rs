//! What is in the vault's file: entries sealed with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) under a key that Argon2id
//! (RFC 9106) makes of the passphrase. Whatever is read from the file is checked before it is believed or paid for.

use std::collections::BTreeMap;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::PassphraseError;

const FORMAT: &str = "brasskey-vault";
const VERSION: u32 = 1;
const KDF: &str = "argon2id";

/// What making the key of a passphrase costs: the file says what its own did, so that this can be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
}

impl Default for Cost {
    /// 64 MiB and three passes: the second recommended option of RFC 9106, section 4, with one lane.
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1024,
            passes: 3,
        }
    }
}

impl Cost {
    /// The least that the function allows; for tests, which make many keys.
    #[must_use]
    pub const fn least() -> Self {
        Self {
            memory_kib: 8,
            passes: 1,
        }
    }

    /// What a file may ask for: it must not make opening it cost all memory.
    const fn is_reasonable(self) -> bool {
        self.memory_kib >= 8
            && self.memory_kib <= 1024 * 1024
            && self.passes >= 1
            && self.passes <= 16
    }
}

/// The key that a passphrase makes, wiped when dropped, with the salt and the cost that it was made with.
pub(super) struct SealingKey {
    cipher: XChaCha20Poly1305,
    kdf: Kdf,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kdf {
    name: String,
    memory_kib: u32,
    passes: u32,
    salt: String,
}

static_assertions::assert_impl_all!(XChaCha20Poly1305: zeroize::ZeroizeOnDrop);
static_assertions::assert_not_impl_any!(
    SealingKey: Clone, std::fmt::Debug, std::fmt::Display, serde::Serialize
);

/// The file as it is written: JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    format: String,
    v: u32,
    kdf: Kdf,
    /// Nothing, sealed: what tells a wrong passphrase from a damaged file.
    check: Part,
    entries: Part,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    nonce: String,
    sealed: String,
}

impl Sealed {
    pub(super) fn parse(text: &[u8]) -> Result<Self, PassphraseError> {
        let sealed: Self = serde_json::from_slice(text).map_err(|_| PassphraseError::Damaged)?;
        if sealed.format != FORMAT || sealed.v != VERSION || sealed.kdf.name != KDF {
            return Err(PassphraseError::Damaged);
        }
        Ok(sealed)
    }

    pub(super) fn to_text(&self) -> Result<Vec<u8>, PassphraseError> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|_| PassphraseError::Damaged)?;
        text.push(b'\n');
        Ok(text)
    }

    /// The key, if this passphrase makes it.
    pub(super) fn key(&self, passphrase: &SecretString) -> Result<SealingKey, PassphraseError> {
        let key = SealingKey::derive(passphrase, self.kdf.clone())?;
        key.unseal("check", &self.check)?;
        Ok(key)
    }
}

impl SealingKey {
    /// The key of a passphrase with a new salt.
    pub(super) fn new(passphrase: &SecretString, cost: Cost) -> Result<Self, PassphraseError> {
        let kdf = Kdf {
            name: KDF.to_owned(),
            memory_kib: cost.memory_kib,
            passes: cost.passes,
            salt: STANDARD.encode(random::<16>()?),
        };
        Self::derive(passphrase, kdf)
    }

    fn derive(passphrase: &SecretString, kdf: Kdf) -> Result<Self, PassphraseError> {
        let cost = Cost {
            memory_kib: kdf.memory_kib,
            passes: kdf.passes,
        };
        if !cost.is_reasonable() {
            return Err(PassphraseError::Damaged);
        }
        let salt = decode(&kdf.salt)?;
        let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32))
            .map_err(|_| PassphraseError::Damaged)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(
                passphrase.expose_secret().as_bytes(),
                &salt,
                key.as_mut_slice(),
            )
            .map_err(|_| PassphraseError::Damaged)?;
        let cipher = XChaCha20Poly1305::new_from_slice(key.as_slice())
            .map_err(|_| PassphraseError::Damaged)?;
        Ok(Self { cipher, kdf })
    }

    /// The whole file with these entries.
    pub(super) fn seal(&self, entries: &Entries) -> Result<Sealed, PassphraseError> {
        Ok(Sealed {
            format: FORMAT.to_owned(),
            v: VERSION,
            kdf: self.kdf.clone(),
            check: self.seal_part("check", &[])?,
            entries: self.seal_part("entries", &entries.to_bytes()?)?,
        })
    }

    /// The entries of a file. [`PassphraseError::Wrong`] when the file has had another passphrase since.
    pub(super) fn open(&self, sealed: &Sealed) -> Result<Entries, PassphraseError> {
        if sealed.kdf != self.kdf {
            return Err(PassphraseError::Wrong);
        }
        let bytes = match self.unseal("entries", &sealed.entries) {
            // The key is right, as the check said when it was made.
            Err(PassphraseError::Wrong) => Err(PassphraseError::Damaged),
            unsealed => unsealed,
        }?;
        Entries::parse(&bytes).ok_or(PassphraseError::Damaged)
    }

    fn seal_part(&self, what: &str, plain: &[u8]) -> Result<Part, PassphraseError> {
        // 192 bits of chance never repeat: that is what the X is for.
        let nonce = random::<24>()?;
        let sealed = self
            .cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: self.about(what).as_bytes(),
                },
            )
            .map_err(|_| PassphraseError::Damaged)?;
        Ok(Part {
            nonce: STANDARD.encode(nonce),
            sealed: STANDARD.encode(sealed),
        })
    }

    /// [`PassphraseError::Wrong`] when the part was not sealed under this key, or was changed.
    fn unseal(&self, what: &str, part: &Part) -> Result<Zeroizing<Vec<u8>>, PassphraseError> {
        let nonce: [u8; 24] = decode(&part.nonce)?
            .try_into()
            .map_err(|_| PassphraseError::Damaged)?;
        let sealed = decode(&part.sealed)?;
        let plain = self.cipher.decrypt(
            &XNonce::from(nonce),
            Payload {
                msg: &sealed,
                aad: self.about(what).as_bytes(),
            },
        );
        plain
            .map(Zeroizing::new)
            .map_err(|_| PassphraseError::Wrong)
    }

    /// What a part is bound to: neither the parts nor what the key was made with can be exchanged.
    fn about(&self, what: &str) -> String {
        let Kdf {
            name,
            memory_kib,
            passes,
            salt,
        } = &self.kdf;
        format!("{FORMAT} {VERSION} {name} {memory_kib} {passes} {salt} {what}")
    }
}

/// Entries by id, in the clear, wiped when dropped.
#[derive(Default)]
pub(super) struct Entries(BTreeMap<String, Zeroizing<Vec<u8>>>);

impl Entries {
    pub(super) fn put(&mut self, id: &str, value: Zeroizing<Vec<u8>>) {
        self.0.insert(id.to_owned(), value);
    }

    pub(super) fn take(&mut self, id: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.0.remove(id)
    }

    /// Id and value in turn, each after its length in four bytes.
    fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, PassphraseError> {
        let parts = || {
            self.0
                .iter()
                .flat_map(|(id, value)| [id.as_bytes(), value.as_slice()])
        };
        // A buffer that had to grow would leave copies behind.
        let room = parts().map(|part| part.len() + 4).sum();
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        for part in parts() {
            let length = u32::try_from(part.len()).map_err(|_| PassphraseError::Damaged)?;
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(part);
        }
        Ok(bytes)
    }

    fn parse(mut bytes: &[u8]) -> Option<Self> {
        let mut entries = Self::default();
        while !bytes.is_empty() {
            let id = next(&mut bytes)?;
            let value = next(&mut bytes)?;
            entries.put(str::from_utf8(id).ok()?, Zeroizing::new(value.to_vec()));
        }
        Some(entries)
    }
}

fn next<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (part, rest) = rest.split_at_checked(length)?;
    *bytes = rest;
    Some(part)
}

fn random<const N: usize>() -> Result<[u8; N], PassphraseError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| PassphraseError::Disk(std::io::ErrorKind::Other))?;
    Ok(bytes)
}

fn decode(text: &str) -> Result<Vec<u8>, PassphraseError> {
    STANDARD.decode(text).map_err(|_| PassphraseError::Damaged)
}
